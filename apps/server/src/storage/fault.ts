/** The code of a fault of the system or of SQLite, such as ENOENT. (Structural: the fault may come from another realm.) */
export function codeOf(fault: unknown): string | undefined {
  if (typeof fault !== 'object' || fault === null || !('code' in fault)) return undefined;
  return typeof fault.code === 'string' ? fault.code : undefined;
}

/** What it says, in one line. */
export function reasonOf(fault: unknown): string {
  const message =
    typeof fault === 'object' && fault !== null && 'message' in fault ? fault.message : fault;
  return String(message).split('\n', 1)[0] ?? '';
}

/** The file that a call of Node failed with. */
export function pathOf(fault: unknown): string | undefined {
  if (typeof fault !== 'object' || fault === null || !('path' in fault)) return undefined;
  return typeof fault.path === 'string' ? fault.path : undefined;
}
