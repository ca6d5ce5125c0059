import { defineConfig } from "vite";

/** The widget: one file that a foreign page names, and that names no other. */
export default defineConfig({
  base: "./",
  build: {
    target: "es2022",
    // It comes beside the page, which was built before.
    emptyOutDir: false,
    sourcemap: false,
    modulePreload: false,
    rolldownOptions: {
      input: "src/widget/index.ts",
      output: { entryFileNames: "widget.js", codeSplitting: false },
    },
  },
  publicDir: false,
});
