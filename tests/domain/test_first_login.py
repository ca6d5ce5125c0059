"""What the first log-in asks for, by policy (MB-4, MB-7, MB-10, MB-12)."""

from dataclasses import replace

from domain.first_login import MUTATIONS, duties_anew, first_duties, first_login_form
from domain.policy import Duty, Registrant
from tests.policies import PORTALS, SHIPPED

ALL = tuple(Duty)


def test_each_portal_asks_for_what_its_policy_says_and_its_registration_has_not() -> None:
    assert {key: first_duties(portal) for key, portal in PORTALS.items() if key != "aozora"} == {
        key: portal.first_login.duties for key, portal in SHIPPED.items()
    }
    # Its only field of the first log-in is proof, for which the registration asks.
    assert first_duties(PORTALS["aozora"]) == (Duty.KEYWORDS, Duty.NEW_PASSWORD)


def test_who_did_not_register_is_asked_for_everything() -> None:
    rule = replace(PORTALS["aozora"].registration, by=Registrant.UTILITY_ISSUED)
    issued = replace(PORTALS["aozora"], registration=rule)
    assert first_duties(issued) == (Duty.PROFILE, Duty.KEYWORDS, Duty.NEW_PASSWORD)
    assert [field.key for field in first_login_form(issued).fields] == ["customerNumber"]


def test_the_form_has_the_fields_of_the_first_log_in_but_not_the_phone_number_that_is_proof() -> (
    None
):
    keys = {
        key: [field.key for field in first_login_form(portal).fields]
        for key, portal in PORTALS.items()
    }
    asked = {"hokulink": ["nickname", "birthMonth", "sex"]}
    assert keys == {key: asked.get(key, []) for key in PORTALS}


def test_a_phone_number_that_the_registration_has_proven_is_no_duty() -> None:
    mirai = PORTALS["mirai"]
    asking = replace(mirai, first_login=replace(mirai.first_login, duties=(Duty.CONTRACT_PHONE,)))
    assert first_duties(asking) == ()


def test_another_first_password_asks_again_who_one_is_and_not_for_what_was_filled_in() -> None:
    hokulink, hepco = PORTALS["hokulink"], PORTALS["hepco"]
    assert duties_anew(hepco, ()) == (Duty.CONTRACT_PHONE,)
    assert duties_anew(hokulink, ()) == (Duty.NEW_PASSWORD,)
    assert duties_anew(hokulink, (Duty.PROFILE,)) == (Duty.NEW_PASSWORD, Duty.PROFILE)
    assert duties_anew(hokulink, ALL) == first_duties(hokulink)


def test_every_duty_has_something_to_do_it_with() -> None:
    assert set(MUTATIONS) == set(Duty)
