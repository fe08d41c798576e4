/** Decision 34: 1 for development, else 3 to 9. */
export const GROUP_SIZE_MAX = 9;
