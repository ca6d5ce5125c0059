import { defineConfig } from "vite";

export default defineConfig({
  // Relative addresses: the page at /graphql finds /assets, also behind a path prefix.
  base: "./",
  experimental: {
    // The example page is a folder deeper: /examples/widget.
    renderBuiltUrl: (file, { hostId, hostType }) =>
      hostType === "html" && hostId.endsWith("widget-example.html")
        ? `../${file}`
        : { relative: true },
  },
  build: {
    // What has Lit's decorators, containers and ElementInternals has all of this too.
    target: "es2022",
    // GraphiQL is one editor; there is nothing in it to load later that is worth a warning.
    chunkSizeWarningLimit: 8192,
    // No maps: they would triple the folder, and the sources are public packages.
    sourcemap: false,
    // All of its browsers know modulepreload, and their policy lets no inline script run.
    modulePreload: { polyfill: false },
    // A picture inside a style would need img-src data:, which foreign pages may not allow.
    assetsInlineLimit: 0,
    rolldownOptions: { input: ["index.html", "graphiql.html", "widget-example.html"] },
  },
  // The API's folder has no static files to copy.
  publicDir: false,
});
