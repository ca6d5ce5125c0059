/**
 * Writes `src/generated/graphql.ts`: types and texts of the operations in `src/documents`.
 * The texts are plain strings, so that no GraphQL parser gets into what browsers load.
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { codegen } from "@graphql-codegen/core";
import * as documents from "@graphql-codegen/typed-document-node";
import * as operations from "@graphql-codegen/typescript-operations";
import { parse } from "graphql";

const schema = parse(await readFile("../schema.graphql", "utf8"));
const names = (await readdir("src/documents")).filter((name) => name.endsWith(".graphql")).sort();
const files = await Promise.all(
  names.map(async (location) => ({
    location,
    document: parse(await readFile(`src/documents/${location}`, "utf8")),
  })),
);

const config = {
  documentMode: "string",
  // A document that nothing imports is left out of the bundle.
  pureMagicComment: true,
  enumType: "string-literal",
  enumsAsTypes: true,
  skipTypename: true,
  useTypeImports: true,
  dedupeFragments: true,
  strictScalars: true,
  scalars: { Date: "string", DateTime: "string" },
};

const text = await codegen({
  filename: "graphql.ts",
  schema,
  documents: files,
  config,
  plugins: [{ operations: {} }, { documents: {} }],
  pluginMap: { operations, documents },
});
await mkdir("src/generated", { recursive: true });
await writeFile("src/generated/graphql.ts", text);
