/**
 * Lets a worker hear messages (cancel, pause) during a long computation: awaiting tfjs alone never leaves the
 * current task.
 */
const everyMs = 20;
let lastMs = 0;

/**
 * Gives way to waiting events when the last time was more than 20 ms ago; throws the signal's reason when it
 * is aborted.
 */
export async function breathe(signal?: AbortSignal): Promise<void> {
  if (performance.now() - lastMs > everyMs) {
    await nextTask();
    lastMs = performance.now();
  }
  signal?.throwIfAborted();
}

/** A message to oneself: unlike setTimeout it is not held back to 4 ms. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
