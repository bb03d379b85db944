/**
 * The page's policy demands Trusted Types where a browser has them: a text becomes no markup and no script. What the
 * page itself needs is a worker made from one of its own files, and this lets nothing else through.
 */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string, type: string, sink: string): string | null },
  ): void;
}

const { trustedTypes } = window as { readonly trustedTypes?: TrustedTypes };

// An address that begins with `blob:` has the page's origin too.
const ownFiles = `${location.origin}/`;

trustedTypes?.createPolicy('default', {
  createScriptURL: (url, _type, sink) =>
    sink === 'Worker constructor' && new URL(url, document.baseURI).href.startsWith(ownFiles) ? url : null,
});
