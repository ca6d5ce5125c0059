// What index.html loads.

import { page } from "../styles/page";
import { tokens } from "../styles/tokens";
import "./app";
import { outerStyles } from "./outer-styles";

document.adoptedStyleSheets = [tokens, page, ...outerStyles].flatMap(
  (sheet) => sheet.styleSheet ?? [],
);

// A page that comes back out of the browser's memory has not heard what other tabs told meanwhile: its
// member may have logged out.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});
