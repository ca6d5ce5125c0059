"""Clients are made from schema.graphql and every GraphQL example of the docs by what people use."""

import re
import sys
from pathlib import Path

from anyio import run_process, to_thread

from tests.api import Api
from tests.generating import ariadne, named, relay, typescript
from tests.test_docs import PAGES, blocks
from tests.world import World


def module_name(page: Path, number: int) -> str:
    return re.sub(r"[^A-Za-z]", "", page.stem.title()) + str(number)


EXAMPLES = {
    name: named(block, name)
    for page in PAGES
    for number, block in enumerate(blocks(page, "graphql"), 1)
    if (name := module_name(page, number))
}
PLACES = """
  query PlacesQuery($count: Int!, $cursor: String) {
    viewer { ...Places_member @arguments(count: $count, cursor: $cursor) }
  }
  fragment Places_member on Member
  @refetchable(queryName: "PlacesPageQuery")
  @argumentDefinitions(count: {type: "Int!"}, cursor: {type: "String"}) {
    facilities(first: $count, after: $cursor) @connection(key: "Places_facilities") {
      edges { node { id name } }
    }
  }
"""
PAGE_OF = """
query Places($first: Int!) {
  viewer { loginId state facilities(first: $first) { totalCount nodes { name } } }
}
"""
ASK = """
import asyncio, sys
from kenshin_client import Client

async def ask():
    url, token = sys.argv[1:]
    async with Client(url=url, headers={"Authorization": f"Bearer {token}"}) as client:
        viewer = (await client.places(first=5)).viewer
        print(viewer.login_id, viewer.state.value, [each.name for each in viewer.facilities.nodes])

asyncio.run(ask())
"""


def operation(text: str) -> str:
    return text.split(maxsplit=2)[1]


def test_every_example_has_a_name_of_its_own() -> None:
    assert len(EXAMPLES) == sum(len(blocks(page, "graphql")) for page in PAGES) > 50
    assert len(set(map(operation, EXAMPLES.values()))) == len(EXAMPLES)


def test_relay_takes_the_schema_the_examples_and_pages_of_lists(tmp_path: Path) -> None:
    made = relay(tmp_path, EXAMPLES | {"Places": PLACES})
    names = ["PlacesQuery", "PlacesPageQuery", "Places_member", *map(operation, EXAMPLES.values())]
    assert made == sorted(f"{name}.graphql.ts" for name in names)


def test_graphql_code_generator_takes_the_schema_and_the_examples(tmp_path: Path) -> None:
    made = typescript(tmp_path, EXAMPLES.values())
    documents = re.findall(r"^export const (\w+)Document = .* DocumentNode<", made, re.MULTILINE)
    assert sorted(documents) == sorted(map(operation, EXAMPLES.values()))


async def test_ariadne_codegen_makes_a_client_that_works(
    api: Api, world: World, tmp_path: Path
) -> None:
    environment = await to_thread.run_sync(ariadne, tmp_path, [*EXAMPLES.values(), PAGE_OF])
    url = f"http://127.0.0.1:{api.port}/graphql"
    asked = await run_process(
        [sys.executable, "-c", ASK, url, world.alice.token],
        cwd=tmp_path,
        env=environment,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr.decode()
    assert asked.stdout.decode() == "alice@example.jp ACTIVE ['自宅1']\n"
