"""All that resolvers read from and write to, made once per process by the composition root."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from datasources.announcements import Announcer
from datasources.app_accesses import AppAccessStore
from datasources.app_tokens import AppTokenStore
from datasources.apps import AppStore
from datasources.attempts import AddressStore, AttemptStore
from datasources.audit import AuditStore
from datasources.authorization_codes import AuthorizationCodeStore
from datasources.batches import BatchStore
from datasources.bill_revisions import BillRevisionStore
from datasources.bills import BillStore
from datasources.buckets import Buckets
from datasources.certificates import CertificateStore
from datasources.challenges import ChallengeStore
from datasources.consents import ConsentStore
from datasources.devices import DeviceStore
from datasources.email_changes import EmailChangeStore
from datasources.endings import EndingStore
from datasources.external_log_ins import ExternalLogInStore
from datasources.external_visits import ExternalVisitStore
from datasources.facilities import FacilityStore
from datasources.first_logins import FirstLoginStore
from datasources.hub import ReadingHub
from datasources.invoices import InvoiceStore
from datasources.mail_texts import MailTexts, read_mail_texts
from datasources.market_prices import MarketPriceStore
from datasources.member_changes import MemberChanges
from datasources.member_lookups import MemberLookups
from datasources.members import MemberStore
from datasources.mongo import Mongo
from datasources.news import NewsStore
from datasources.openid import OpenIdProviders
from datasources.outbox import OutboxStore
from datasources.password_resets import PasswordResetStore
from datasources.payments import PaymentStore
from datasources.plan_files import read_plan_book
from datasources.portal_files import read_portals
from datasources.postcards import PostcardStore
from datasources.reading_periods import ReadingPeriodStore
from datasources.recovery_answers import RecoveryAnswerStore
from datasources.registrations import RegistrationStore
from datasources.service_tokens import ServiceTokenStore
from datasources.sessions import Lifetimes, SessionStore
from datasources.signing_keys import SigningKeys
from datasources.staff import StaffStore
from datasources.staff_sessions import StaffSessionStore
from datasources.supply_contracts import SupplyContractStore
from datasources.terms import TermsStore
from datasources.trusted_documents import PersistedDocumentStore, TrustedDocumentStore
from datasources.usage import UsageReader
from datasources.usage_cache import UsageCache
from datasources.usage_documents import DamagedDays
from datasources.usage_writes import UsageWriter
from datasources.webhook_deliveries import DeliveryStore
from datasources.webhook_sender import WebhookSender
from datasources.webhooks import WebhookStore
from domain.external_providers import read_providers
from domain.portal import Portal
from domain.settings import Settings
from domain.tariff.book import PlanBook
from resolvers.afterwards import Afterwards
from resolvers.app_access import AccessLog
from resolvers.authority import Authority
from resolvers.bill_watch import BillWatch
from resolvers.live import LiveStreams
from resolvers.reads import Reads
from resolvers.traces import open_tracing

if TYPE_CHECKING:
    from datasources.tracing import Tracing  # whose libraries few deployments have

_REDIS_SECONDS: Final = 1.0
"Redis is close and never needed for an answer: a frozen one must not hold up ingest."

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The clock of a running process, in milliseconds as MongoDB keeps them."""
    return datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000, UTC)


@dataclass(frozen=True)
class Sources:
    settings: Settings
    clock: Clock
    portals: Mapping[str, Portal]
    plans: PlanBook
    mongo: Mongo
    announcer: Announcer
    buckets: Buckets
    hub: ReadingHub
    members: MemberStore
    sessions: SessionStore
    apps: AppStore
    app_tokens: AppTokenStore
    app_accesses: AppAccessStore
    trusted_documents: TrustedDocumentStore
    persisted_documents: PersistedDocumentStore
    consents: ConsentStore
    authorization_codes: AuthorizationCodeStore
    service_tokens: ServiceTokenStore
    facilities: FacilityStore
    periods: ReadingPeriodStore
    market_prices: MarketPriceStore
    usage: UsageReader
    writer: UsageWriter
    bills: BillStore
    bill_revisions: BillRevisionStore
    invoices: InvoiceStore
    payments: PaymentStore
    certificates: CertificateStore
    batches: BatchStore
    outbox: OutboxStore
    mail_texts: MailTexts
    attempts: AttemptStore
    addresses: AddressStore
    devices: DeviceStore
    challenges: ChallengeStore
    contracts: SupplyContractStore
    registrations: RegistrationStore
    postcards: PostcardStore
    first_logins: FirstLoginStore
    password_resets: PasswordResetStore
    openid: OpenIdProviders
    external_visits: ExternalVisitStore
    external_log_ins: ExternalLogInStore
    email_changes: EmailChangeStore
    member_changes: MemberChanges
    staff: StaffStore
    staff_sessions: StaffSessionStore
    audit: AuditStore
    lookups: MemberLookups
    recovery_answers: RecoveryAnswerStore
    terms: TermsStore
    news: NewsStore
    signing_keys: SigningKeys
    webhooks: WebhookStore
    deliveries: DeliveryStore
    webhook_sender: WebhookSender
    tracing: "Tracing | None" = None

    @cached_property
    def afterwards(self) -> Afterwards:
        """What goes on when an answer has been given."""
        return Afterwards()

    @cached_property
    def reads(self) -> Reads:
        """Reads of these stores that all requests share."""
        limit = self.settings.usage_cache_mb << 20
        return Reads(
            self.sessions,
            self.members,
            self.facilities,
            self.periods,
            self.usage,
            self.bills,
            self.bill_revisions,
            self.market_prices,
            self.apps,
            UsageCache(self.usage, limit) if limit else None,
        )

    @cached_property
    def authority(self) -> Authority:
        """Who may still see what; one per process, so that all share its reads."""
        return Authority(EndingStore(self.mongo), self.sessions, self.clock)

    @cached_property
    def access_log(self) -> AccessLog:
        """What apps look at; one per process, so that what is noted at once goes together."""
        return AccessLog(self.app_accesses)

    @cached_property
    def live(self) -> LiveStreams:
        """The live readings of the process."""
        return LiveStreams(
            self.hub,
            self.facilities,
            self.usage,
            self.reads,
            self.authority,
            self.settings,
            self.clock,
        )

    @cached_property
    def simulating(self) -> asyncio.Lock:
        """Whose turn it is to compare plans: that takes a core, which other answers need too."""
        return asyncio.Lock()

    @cached_property
    def bill_watch(self) -> BillWatch:
        """Looks for bills that came out, for all subscribers of the process."""
        return BillWatch(self.bills, self.clock, self.settings.heartbeat_seconds)

    async def close(self) -> None:
        await self.afterwards.close()
        await self.openid.close()
        await self.webhook_sender.close()
        await self.announcer.close()
        await self.buckets.close()
        await self.mongo.close()
        if self.tracing is not None:
            await self.tracing.close()


def open_sources(settings: Settings, mongo: Mongo | None = None, clock: Clock = utc_now) -> Sources:
    """Sources of the settings' databases; nothing connects before it is used."""
    timeout = settings.database_timeout_seconds
    tracing = open_tracing(settings.traces_url)
    listeners = [tracing.commands] if tracing else []
    mongo = mongo or Mongo(settings.mongodb_url, timeout_seconds=timeout, listeners=listeners)
    damaged = DamagedDays()
    lifetimes = Lifetimes(
        timedelta(minutes=settings.session_minutes),
        timedelta(days=settings.refresh_days),
        timedelta(days=settings.session_absolute_days),
        timedelta(minutes=settings.app_token_minutes),
    )
    consents = ConsentStore(mongo, clock)
    return Sources(
        settings=settings,
        clock=clock,
        portals=read_portals(settings.portals),
        plans=read_plan_book(settings.portals),
        mongo=mongo,
        announcer=Announcer(settings.redis_url, mongo.name, min(timeout, _REDIS_SECONDS)),
        buckets=Buckets(settings.redis_url, mongo.name, min(timeout, _REDIS_SECONDS)),
        hub=ReadingHub(settings.redis_url, mongo.name, min(timeout, _REDIS_SECONDS)),
        members=MemberStore(mongo),
        sessions=SessionStore(mongo, lifetimes, consents),
        apps=AppStore(mongo),
        app_tokens=AppTokenStore(mongo, lifetimes.app_access),
        app_accesses=AppAccessStore(mongo),
        trusted_documents=TrustedDocumentStore(mongo),
        persisted_documents=PersistedDocumentStore(mongo),
        consents=consents,
        authorization_codes=AuthorizationCodeStore(mongo),
        service_tokens=ServiceTokenStore(mongo),
        facilities=FacilityStore(mongo),
        periods=ReadingPeriodStore(mongo),
        market_prices=MarketPriceStore(mongo),
        usage=UsageReader(mongo, damaged),
        writer=UsageWriter(mongo, damaged, clock),
        bills=BillStore(mongo),
        bill_revisions=BillRevisionStore(mongo),
        invoices=InvoiceStore(mongo),
        payments=PaymentStore(mongo),
        certificates=CertificateStore(mongo),
        batches=BatchStore(mongo),
        outbox=OutboxStore(mongo, clock, settings.mail_from.rpartition("@")[2]),
        mail_texts=read_mail_texts(),
        attempts=AttemptStore(mongo),
        addresses=AddressStore(mongo),
        devices=DeviceStore(mongo),
        challenges=ChallengeStore(mongo),
        contracts=SupplyContractStore(mongo),
        registrations=RegistrationStore(mongo),
        postcards=PostcardStore(mongo),
        first_logins=FirstLoginStore(mongo),
        password_resets=PasswordResetStore(mongo),
        openid=OpenIdProviders(
            read_providers(settings.external_providers), settings.external_seconds, clock
        ),
        external_visits=ExternalVisitStore(mongo),
        external_log_ins=ExternalLogInStore(mongo),
        email_changes=EmailChangeStore(mongo),
        member_changes=MemberChanges(mongo),
        staff=StaffStore(mongo),
        staff_sessions=StaffSessionStore(
            mongo,
            timedelta(minutes=settings.staff_idle_minutes),
            timedelta(hours=settings.staff_session_hours),
        ),
        audit=AuditStore(mongo),
        lookups=MemberLookups(mongo),
        recovery_answers=RecoveryAnswerStore(mongo),
        terms=TermsStore(mongo),
        news=NewsStore(mongo),
        signing_keys=SigningKeys(mongo),
        webhooks=WebhookStore(mongo, clock),
        deliveries=DeliveryStore(mongo),
        webhook_sender=WebhookSender(
            settings.webhook_seconds, frozenset(settings.webhook_private_hosts.split())
        ),
        tracing=tracing,
    )
