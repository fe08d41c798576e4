/** What a group on one machine is made with when nobody says otherwise. */
export const DEFAULT_REPLICAS = 3;
export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = 7400;
