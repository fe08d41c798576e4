/** Of the server, as `/v1/cluster` and the OpenAPI document show it. */
export const VERSION = '0.1.0';
