"""Devices on which a member has shown the second factor, as clients see them."""

from datetime import datetime

import strawberry

from domain.members import Device as DeviceRecord
from resolvers import devices as resolve
from schema.arguments import Input
from schema.info import Info
from schema.nodes import key_of, node_id
from schema.user_errors import USER_ERRORS, UserError, done_or_refused


@strawberry.type(description="A device that is not asked for the second factor any more.")
class Device:
    record: strawberry.Private[DeviceRecord]
    id: strawberry.ID = strawberry.field(description="For `forgetDevice`.")
    program: str = strawberry.field(
        description="What the factor was shown with, in a few words, e.g. `Firefox, Windows`."
    )
    known_since: datetime = strawberry.field(description="When the second factor was shown on it.")
    used_at: datetime = strawberry.field(description="The last log-in on it.")

    @property
    def owner(self) -> str:
        return self.record.member


@strawberry.input(description="Which device.")
class ForgetDeviceInput:
    id: strawberry.ID = strawberry.field(description="Of one of `Member.devices`.")


@strawberry.type(description="The device is forgotten, if there are no user errors.")
class ForgetDevicePayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type
class DeviceMutation:
    @strawberry.mutation(
        description="Ask a device for the second factor again, and end the sessions on it."
    )
    async def forget_device(
        self,
        info: Info,
        input: Input[ForgetDeviceInput],  # noqa: A002 - the contract's name
    ) -> ForgetDevicePayload:
        return await done_or_refused(
            ForgetDevicePayload, resolve.forget_device(info.context, key_of("Device", input.id))
        )


def device_type(record: DeviceRecord) -> Device:
    return Device(
        record=record,
        id=node_id("Device", record.id),
        program=record.program,
        known_since=record.known_since,
        used_at=record.used_at,
    )
