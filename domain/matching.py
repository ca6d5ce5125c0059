"""Whether what a person says agrees with a supply contract: form is forgiven, content is not."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from domain.facilities import Address, PaymentMethod
from domain.identity import normalised
from domain.policy import ContractFact
from domain.same_text import same_text
from domain.supply import SupplyContract

_NOBODY: Final = SupplyContract(
    portal="",
    customer_number="",
    name="",
    kana=None,
    phone=None,
    address=Address("", "", "", "", None),
    payment_method=PaymentMethod.PAYMENT_SLIP,
    voltage=0,
)
_FACTS: Final[Mapping[ContractFact, Callable[[SupplyContract], str | None]]] = {
    ContractFact.CUSTOMER_NUMBER: lambda contract: contract.customer_number,
    ContractFact.NAME: lambda contract: contract.name,
    ContractFact.KANA: lambda contract: contract.kana,
    ContractFact.POSTAL_CODE: lambda contract: contract.address.postal_code,
    ContractFact.PHONE: lambda contract: contract.phone,
}


def agrees(
    contract: SupplyContract | None, given: Mapping[str, str], facts: Sequence[ContractFact]
) -> bool:
    """Whether all of these facts are as the contract has them (MB-7).

    A fact that the contract does not have, or that is not given, never agrees. It takes as long
    without a contract as with one, and however much of it agrees.
    """
    held = contract or _NOBODY
    alike = [_alike(given.get(fact, ""), _FACTS[fact](held)) for fact in facts]
    return all(alike) and contract is not None


def _alike(given: str, held: str | None) -> bool:
    same = same_text(_key(given), _key(held or ""))
    return same and bool(held)


def _key(text: str) -> str:
    return normalised(text).casefold()
