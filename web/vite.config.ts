import { defineConfig } from "vite";

export default defineConfig({
  // Relative addresses: the page at /graphql finds /assets, also behind a path prefix.
  base: "./",
  build: {
    // The page is one editor; there is nothing in it to load later that is worth a warning.
    chunkSizeWarningLimit: 8192,
    // No maps: they would triple the folder, and the sources are public packages.
    sourcemap: false,
    rolldownOptions: { input: "graphiql.html" },
  },
  // The API's folder has no static files to copy.
  publicDir: false,
});
