/** A text, or what a file holds, leaves the page as a file. */
export function download(name: string, content: string | Blob): void {
  const blob = typeof content === 'string' ? new Blob([content], { type: 'application/json' }) : content;
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun once the browser has read the URL; revoking at once would cancel it in some.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
