"""Customized fields: typed calls and reads; drop-downs by raw requests, because no model of the SDK has their options."""

import json
import unittest

import lark_oapi as lark
from bot import client, desk_option
from deskwire import AGENT, OWNER, PLAIN, PLAIN_DESK, Case, server
from lark_oapi.api.helpdesk.v1 import *
from typed import mismatches

DESK = (PLAIN_DESK["id"], PLAIN_DESK["token"])
PATH = "/open-apis/helpdesk/v1/ticket_customized_fields"


class Fields(Case):
    @classmethod
    def setUpClass(cls):
        cls.client = client(server().url, PLAIN["app_id"], PLAIN["app_secret"])
        cls.api = cls.client.helpdesk.v1.ticket_customized_field
        cls.owner_token = server().user_token(OWNER, PLAIN)

    def ok(self, call, request, user=False):
        token = self.owner_token if user else None
        answer = call(request, desk_option(*DESK, token))
        self.assertTrue(answer.success(), (answer.code, answer.msg, answer.error))
        self.assertEqual((answer.raw.status_code, answer.msg), (200, "success"))
        self.assertEqual(mismatches(answer, type(answer)), [])
        return getattr(answer, "data", None)

    def field(self, key):
        field = TicketCustomizedField.builder().helpdesk_id(DESK[0]).key_name(key).display_name("名称").position("5")
        return field.field_type("string").description("说明").visible(True).editable(True).required(False)

    def create(self, field, token=None):
        request = CreateTicketCustomizedFieldRequest.builder().request_body(field.build()).build()
        return self.api.create(request, desk_option(*DESK, token or self.owner_token))

    def listed(self, visible=None, page_size=100):
        """All fields over all pages."""
        fields, page_token = [], None
        while True:
            request = ListTicketCustomizedFieldRequest.builder().page_size(page_size)
            body = ListTicketCustomizedFieldRequestBody.builder()
            request.request_body((body if visible is None else body.visible(visible)).build())
            if page_token:
                request.page_token(page_token)
            data = self.ok(self.api.list, request.build())
            fields += data.items
            if not data.has_more:
                self.assertIsNone(data.next_page_token)
                return fields
            page_token = data.next_page_token

    def made(self, key):
        (field,) = (field for field in self.listed() if field.key_name == key)
        return field

    def raw(self, method, path, body=None, user=True):
        """A request that the SDK only carries; the help desk header comes with the option."""
        kind = lark.AccessTokenType.USER if user else lark.AccessTokenType.TENANT
        builder = lark.BaseRequest.builder().http_method(method).uri(path).token_types({kind})
        request = (builder if body is None else builder.body(body)).build()
        answer = self.client.request(request, desk_option(*DESK, self.owner_token if user else None))
        self.assertTrue(answer.success(), (answer.code, answer.msg, answer.error))
        return json.loads(answer.raw.content).get("data")

    def test_create_get_patch_delete(self):
        answer = self.create(self.field("py_asset"))
        self.assertTrue(answer.success(), (answer.code, answer.msg, answer.error))
        field = self.made("py_asset")
        self.assertEqual((field.display_name, field.position, field.field_type), ("名称", "5", "string"))
        self.assertEqual((field.created_by.id, field.updated_by.name, field.editable), (OWNER, "Ada", True))
        field_id = field.ticket_customized_field_id

        patch = TicketCustomizedField.builder().display_name("资产").position("0").visible(False).required(True).build()
        request = PatchTicketCustomizedFieldRequest.builder().ticket_customized_field_id(field_id)
        self.ok(self.api.patch, request.request_body(patch).build(), user=True)
        request = GetTicketCustomizedFieldRequest.builder().ticket_customized_field_id(field_id).build()
        got = self.ok(self.api.get, request)
        self.assertEqual((got.ticket_customized_field_id, got.helpdesk_id, got.key_name), (field_id, DESK[0], "py_asset"))
        self.assertEqual((got.display_name, got.position, got.visible, got.required), ("资产", "0", False, True))
        self.assertGreaterEqual(int(got.updated_at), int(got.created_at))

        request = DeleteTicketCustomizedFieldRequest.builder().ticket_customized_field_id(field_id).build()
        self.ok(self.api.delete, request, user=True)
        self.assertNotIn(field_id, [field.ticket_customized_field_id for field in self.listed()])
        answer = self.api.delete(request, desk_option(*DESK, self.owner_token))
        self.assertEqual((answer.raw.status_code, answer.code), (400, 154000))

    def test_list_by_page_and_by_visibility(self):
        for i in range(3):
            self.assertTrue(self.create(self.field(f"py_page_{i}").visible(i != 1)).success())
        mine = lambda fields: [field.key_name for field in fields if field.key_name.startswith("py_page_")]
        self.assertEqual(mine(self.listed(page_size=2)), ["py_page_0", "py_page_1", "py_page_2"])
        self.assertEqual(mine(self.listed(visible=True, page_size=1)), ["py_page_0", "py_page_2"])
        self.assertEqual(mine(self.listed(visible=False)), ["py_page_1"])

    def test_a_drop_down_by_raw_requests(self):
        leaf = lambda tag: {"tag": tag, "display_name": tag.upper()}
        options = {"children": [{**leaf("a"), "children": [{**leaf("b"), "children": [leaf("c")]}]}, leaf("d")]}
        body = {"key_name": "py_nested", "display_name": "Nested", "position": "1", "field_type": "dropdown_nested",
                "description": "", "visible": True, "required": False, "dropdown_options": options}
        self.raw(lark.HttpMethod.POST, PATH, body)
        path = f"{PATH}/{self.made('py_nested').ticket_customized_field_id}"
        self.assertEqual(self.raw(lark.HttpMethod.GET, path, user=False)["dropdown_options"], options)
        self.raw(lark.HttpMethod.PATCH, path, {"dropdown_options": {"children": [leaf("e")]}})
        got = self.raw(lark.HttpMethod.GET, path, user=False)
        self.assertEqual(got["dropdown_options"], {"children": [leaf("e")]})
        self.assertNotIn("dropdown_allow_multiple", got)
        several = {**body, "key_name": "py_several", "field_type": "dropdown", "dropdown_allow_multiple": True,
                   "dropdown_options": {"children": [leaf("a"), leaf("b")]}}
        self.raw(lark.HttpMethod.POST, PATH, several)
        self.assertIs(self.made("py_several").dropdown_allow_multiple, True)

    def test_both_families(self):
        self.assertTrue(self.create(self.field("py_hidden").visible(False)).success())
        call = self.client.helpdesk.v1.ticket.customized_fields
        data = self.ok(call, CustomizedFieldsTicketRequest.builder().build())
        (level,) = data.user_customized_fields
        self.assertEqual((level.key_name, level.position, level.description), ("level", "3", "VIP or not"))
        self.assertEqual((level.id, level.helpdesk_id), (level.user_customized_field_id, DESK[0]))
        self.assertIn("py_hidden", [field.key_name for field in data.ticket_customized_fields])
        data = self.ok(call, CustomizedFieldsTicketRequest.builder().visible_only(True).build())
        self.assertNotIn("py_hidden", [field.key_name for field in data.ticket_customized_fields])

    def test_an_agent_is_no_admin_and_a_field_needs_its_members(self):
        answer = self.create(self.field("py_agent"), server().user_token(AGENT, PLAIN))
        self.assertEqual((answer.raw.status_code, answer.code), (403, 154003))
        answer = self.create(TicketCustomizedField.builder().key_name("py_half"))
        self.assertEqual((answer.raw.status_code, answer.code), (400, 99992402))
        self.assertEqual(answer.error["field_violations"][0]["field"], "display_name")


if __name__ == "__main__":
    unittest.main()
