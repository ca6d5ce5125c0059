// Types and documents by GraphQL Code Generator: `node generate.mjs schema.graphql operations.graphql`.
import { readFileSync } from "node:fs";
import { codegen } from "@graphql-codegen/core";
import * as documents from "@graphql-codegen/typed-document-node";
import * as types from "@graphql-codegen/typescript";
import * as operations from "@graphql-codegen/typescript-operations";
import { parse } from "graphql";

const [schema, location] = process.argv.slice(2);

console.log(
  await codegen({
    filename: "client.ts",
    schema: parse(readFileSync(schema, "utf8")),
    documents: [{ location, document: parse(readFileSync(location, "utf8")) }],
    plugins: [{ types: {} }, { operations: {} }, { documents: {} }],
    pluginMap: { types, operations, documents },
    config: { strictScalars: true, scalars: { DateTime: "string", Date: "string" } },
  }),
);
