/** A text leaves the page as a file. */
export function downloadText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun once the browser has read the URL; revoking at once would cancel it in some.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
