"""Devices on which a member has shown the second factor, as clients see them."""

from datetime import datetime

import strawberry

from domain.members import Device as DeviceRecord
from resolvers import devices as resolve
from schema.info import Info
from schema.nodes import key_of, node_id
from schema.user_errors import UserError, done_or_refused


@strawberry.type(description="A device that is not asked for the second factor any more.")
class Device:
    record: strawberry.Private[DeviceRecord]
    id: strawberry.ID
    program: str = strawberry.field(
        description="What the factor was shown with, in a few words, e.g. `Firefox, Windows`."
    )
    known_since: datetime
    used_at: datetime = strawberry.field(description="The last log-in on it.")

    @property
    def owner(self) -> str:
        return self.record.member


@strawberry.input
class ForgetDeviceInput:
    id: strawberry.ID


@strawberry.type
class ForgetDevicePayload:
    user_errors: list[UserError]


@strawberry.type
class DeviceMutation:
    @strawberry.mutation(
        description="Ask a device for the second factor again, and end the sessions on it."
    )
    async def forget_device(self, info: Info, input: ForgetDeviceInput) -> ForgetDevicePayload:  # noqa: A002 - the contract's name
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
