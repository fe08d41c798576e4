/** Everybody who reaches an open port is the same principal until there is authentication. (decision 30) */
export const LOCAL_PRINCIPAL = 'local';
