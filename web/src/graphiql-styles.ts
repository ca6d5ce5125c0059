/**
 * Lets the editor place what it shows though the page's policy refuses inline styles.
 *
 * It writes its lines as HTML with `style` attributes, and its colours as `<style>` elements. Scripts may
 * do both in other ways: set what an element's style is, and name the nonce of this very page. Import it
 * before the editor.
 */

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

const create = document.createElement;
document.createElement = function (this: Document, ...given: Parameters<typeof create>) {
  const element = create.apply(this, given);
  if (element instanceof HTMLStyleElement) element.nonce = nonce;
  return element;
} as typeof create;

/** A tag up to its style. The editor escapes `<` in texts, and has it in no attribute. */
const styled = /(<[a-z][^<>]*?\s)style=/gi;

const withoutStyles = (html: unknown) => String(html).replace(styled, "$1data-style=");

function place(parent: ParentNode | null) {
  for (const element of parent?.querySelectorAll<HTMLElement | SVGElement>("[data-style]") ?? []) {
    element.style.cssText = element.dataset.style ?? "";
    element.removeAttribute("data-style");
  }
}

const insert = Element.prototype.insertAdjacentHTML;
Element.prototype.insertAdjacentHTML = function (where, html) {
  insert.call(this, where, withoutStyles(html));
  place(where === "beforebegin" || where === "afterend" ? this.parentNode : this);
};

const inner = Object.getOwnPropertyDescriptor(Element.prototype, "innerHTML");
Object.defineProperty(Element.prototype, "innerHTML", {
  ...inner,
  set(this: Element, html: unknown) {
    inner?.set?.call(this, withoutStyles(html));
    place(this);
  },
});
