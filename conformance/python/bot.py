"""An answering bot as a customer writes it with `lark-oapi`; only the base URL is not the platform's."""

import base64

import lark_oapi as lark
from lark_oapi.api.helpdesk.v1 import (
    AnswerUserQueryTicketRequest,
    AnswerUserQueryTicketRequestBody,
    Event,
    P2HelpdeskTicketCreatedV1,
    P2HelpdeskTicketMessageCreatedV1,
    P2HelpdeskTicketUpdatedV1,
    SubscribeEventRequest,
    SubscribeEventRequestBody,
    UnsubscribeEventRequest,
    UnsubscribeEventRequestBody,
    UserQueryFaqInfo,
)

GUEST = 2  # sender_type
EVENTS = [
    Event.builder().type("helpdesk.ticket").subtype("ticket.created_v1").build(),
    Event.builder().type("helpdesk.ticket").subtype("ticket.updated_v1").build(),
    Event.builder().type("helpdesk.ticket_message").subtype("ticket_message.created_v1").build(),
]


def client(url: str, app_id: str, app_secret: str) -> lark.Client:
    """A client that finds a tenant token by itself."""
    builder = lark.Client.builder().app_id(app_id).app_secret(app_secret)
    # With `enable_set_token` a call may carry a user's token.
    return builder.domain(url).enable_set_token(True).build()


def desk_option(helpdesk_id: str, token: str, user_access_token: str | None = None) -> lark.RequestOption:
    """Names the help desk. The SDK changes the option it is given, so every call takes a new one."""
    credential = base64.b64encode(f"{helpdesk_id}:{token}".encode()).decode()
    option = lark.RequestOption.builder().headers({"X-Lark-Helpdesk-Authorization": credential})
    if user_access_token:
        option.user_access_token(user_access_token)
    return option.build()


class Bot:
    """Answers what it knows: `knowledge` maps a question to FAQ ids and scores."""

    def __init__(self, api: lark.Client, helpdesk_id: str, token: str, knowledge: dict[str, list[tuple[str, float]]]):
        self.api = api
        self.helpdesk = (helpdesk_id, token)
        self.knowledge = knowledge
        self.messages: list[P2HelpdeskTicketMessageCreatedV1] = []
        self.tickets: list[P2HelpdeskTicketCreatedV1] = []
        self.updates: list[P2HelpdeskTicketUpdatedV1] = []

    def dispatcher(self, verification_token: str, encrypt_key: str) -> lark.EventDispatcherHandler:
        return (
            lark.EventDispatcherHandler.builder(encrypt_key, verification_token)
            .register_p2_helpdesk_ticket_message_created_v1(self.on_message)
            .register_p2_helpdesk_ticket_created_v1(self.tickets.append)
            .register_p2_helpdesk_ticket_updated_v1(self.updates.append)
            .build()
        )

    def subscribe(self):
        body = SubscribeEventRequestBody.builder().events(EVENTS).build()
        request = SubscribeEventRequest.builder().request_body(body).build()
        return self.api.helpdesk.v1.event.subscribe(request, desk_option(*self.helpdesk))

    def unsubscribe(self):
        body = UnsubscribeEventRequestBody.builder().events(EVENTS).build()
        request = UnsubscribeEventRequest.builder().request_body(body).build()
        return self.api.helpdesk.v1.event.unsubscribe(request, desk_option(*self.helpdesk))

    def on_message(self, data: P2HelpdeskTicketMessageCreatedV1) -> None:
        self.messages.append(data)
        # The bot's own answers are events too.
        if data.event.sender_type != GUEST:
            return
        found = self.knowledge.get(data.event.text, [])
        answer = self.answer(data.event.ticket.ticket_id, data.event.event_id, found)
        # The ticket was closed or went to a human meanwhile; the same event once more would not help.
        if not answer.success():
            lark.logger.warning(f"no answer: {answer.code} {answer.msg} {answer.error}")

    def answer(self, ticket_id: str, event_id: str, faqs: list[tuple[str, float]]):
        infos = [UserQueryFaqInfo.builder().id(faq_id).score(score).build() for faq_id, score in faqs]
        body = AnswerUserQueryTicketRequestBody.builder().event_id(event_id).faqs(infos).build()
        request = AnswerUserQueryTicketRequest.builder().ticket_id(ticket_id).request_body(body).build()
        return self.api.helpdesk.v1.ticket.answer_user_query(request, desk_option(*self.helpdesk))
