/** Whether a process of this number runs on this machine: what it is writing is then not abandoned. Node only. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    // One of somebody else's runs too.
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}
