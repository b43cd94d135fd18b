"""Tickets at the human stage: what agents do to them, `ticket.update`, and how they are read."""

from deskwire import AGENT, OWNER, PLAIN_DESK, Guest, server
from lark_oapi.api.helpdesk.v1 import *
from bot import desk_option
from test_calls import Calls


class TicketUpdates(Calls):
    def human_ticket(self):
        """A guest whose ticket the owner works on."""
        guest = Guest(PLAIN_DESK, "Gina 吉娜")
        ticket_id = guest.post("/human")["ticket_id"]
        holder = self.get(ticket_id).agent_owner
        if holder is None:
            self.act(OWNER, ticket_id, action="take")
        elif holder.id != OWNER:
            self.act(OWNER, ticket_id, action="transfer", to=OWNER)
        self.addCleanup(self.act, OWNER, ticket_id, action="close")
        return guest, ticket_id

    def act(self, open_id, ticket_id, **action):
        body = {"open_id": open_id, **action}
        return server().call("POST", f"/dev/v1/tickets/{ticket_id}/agent", body)

    def get(self, ticket_id):
        return self.ok(self.api.ticket.get, GetTicketRequest.builder().ticket_id(ticket_id).build()).ticket

    def update(self, ticket_id, body):
        request = UpdateTicketRequest.builder().ticket_id(ticket_id).request_body(body.build()).build()
        return self.ok(self.api.ticket.update, request, user=True)

    def test_an_update_is_partial_and_read_back_typed(self):
        _, ticket_id = self.human_ticket()
        self.update(ticket_id, UpdateTicketRequestBody.builder().tag_names(["vip", "打印机"]).comment("会打来电话"))
        self.update(ticket_id, UpdateTicketRequestBody.builder().status(4).solved(1).channel(13))
        ticket = self.get(ticket_id)
        self.assertEqual((ticket.status, ticket.solve, ticket.channel), (4, 1, 13))
        self.assertEqual([tag.name for tag in ticket.tags], ["vip", "打印机"])
        self.assertEqual((ticket.comments.content, ticket.comments.user_name), ("会打来电话", "Ada"))
        self.assertGreater(ticket.comments.id, 2**53)
        self.assertGreater(ticket.comments.user_id, 0)
        self.assertEqual(ticket.agent_owner.id, OWNER)
        self.assertIn(OWNER, [user.id for user in ticket.agents])
        request = ListTicketRequest.builder().tags(["打印机", "nothing"]).build()
        self.assertIn(ticket_id, [found.ticket_id for found in self.ok(self.api.ticket.list, request).tickets])

    def test_an_agents_work_is_read_back_typed(self):
        guest, ticket_id = self.human_ticket()
        self.assertEqual(self.act(OWNER, ticket_id, action="reply", text="Which printer?")[0], 200)
        self.assertEqual(guest.wait("text")["from"], "agent")
        self.act(OWNER, ticket_id, action="collaborate", to=AGENT)
        self.act(OWNER, ticket_id, action="close", solved=True)
        ticket = self.get(ticket_id)
        self.assertEqual((ticket.status, ticket.solve, ticket.closed_by.id), (51, 2, OWNER))
        self.assertEqual([user.id for user in ticket.collaborators], [AGENT])
        self.assertGreaterEqual(ticket.agent_last_response_time, ticket.agent_entry_time)
        self.assertGreaterEqual(ticket.agent_resolution_time, ticket.actual_processing_time)
        self.assertIsInstance(ticket.agent_service_duration, float)

    def test_a_wrong_update_names_its_code(self):
        _, ticket_id = self.human_ticket()
        agent_token = server().user_token(AGENT, {"app_id": "cli_a000000000000001"})
        owner, agent = (desk_option(PLAIN_DESK["id"], PLAIN_DESK["token"], t) for t in (self.owner_token, agent_token))
        for body, option, code in [
            (UpdateTicketRequestBody.builder().status(52), owner, 99992402),
            (UpdateTicketRequestBody.builder().status(3).ticket_type(1), owner, 154000),
            (UpdateTicketRequestBody.builder(), owner, 154000),
            (UpdateTicketRequestBody.builder().status(4), agent, 154003),
        ]:
            request = UpdateTicketRequest.builder().ticket_id(ticket_id).request_body(body.build()).build()
            self.assertEqual(self.api.ticket.update(request, option).code, code)
