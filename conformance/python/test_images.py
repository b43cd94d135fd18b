"""Pictures of FAQs and of tickets, downloaded through the SDK."""

import base64
import json
import unittest

import requests
from bot import client, desk_option
from deskwire import OWNER, PLAIN, PLAIN_DESK, Case, Guest, server
from lark_oapi.api.helpdesk.v1 import *

DESK = (PLAIN_DESK["id"], PLAIN_DESK["token"])
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def upload(guest, picture):
    """A picture in the guest's chat; answers its key."""
    headers = {"Authorization": f"Bearer {guest.token}"}
    files = {"image": ("a.png", picture, "image/png")}
    return requests.post(f"{server().url}/guest/v1/images", files=files, headers=headers, timeout=30).json()["image_key"]


class Images(Case):
    @classmethod
    def setUpClass(cls):
        cls.api = client(server().url, PLAIN["app_id"], PLAIN["app_secret"]).helpdesk.v1

    def downloaded(self, answer, key, picture):
        self.assertTrue(answer.success(), answer.msg)
        self.assertEqual((answer.file.read(), answer.file_name), (picture, f"{key}.png"))

    def refused(self, answer, status, code):
        self.assertFalse(answer.success())
        self.assertEqual((answer.raw.status_code, answer.code), (status, code), answer.msg)

    def faq_with(self, picture):
        """A FAQ with a picture; answers its id and the picture's key."""
        src = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
        rich = json.dumps([{"type": "img", "src": src}, {"type": "text", "content": "At the door."}])
        info = FaqCreateInfo.builder().question("Where is the projector?").answer_richtext(rich).build()
        body = CreateFaqRequestBody.builder().faq(info).build()
        option = desk_option(*DESK, server().user_token(OWNER, PLAIN))
        answer = self.api.faq.create(CreateFaqRequest.builder().request_body(body).build(), option)
        self.assertTrue(answer.success(), answer.msg)
        # The SDK's model of rich text knows no key.
        faq = json.loads(answer.raw.content)["data"]["faq"]
        return faq["id"], faq["answer_richtext"][0]["key"]

    def faq_image(self, faq_id, key):
        request = FaqImageFaqRequest.builder().id(faq_id).image_key(key).build()
        return self.api.faq.faq_image(request, desk_option(*DESK))

    def ticket_image(self, ticket_id, msg_id, index=None):
        request = TicketImageTicketRequest.builder().ticket_id(ticket_id).msg_id(msg_id)
        return self.api.ticket.ticket_image((request if index is None else request.index(index)).build(), desk_option(*DESK))

    def only(self, ticket_id, message_type):
        """The ticket's one message of this type; the bot writes in between."""
        request = ListTicketMessageRequest.builder().ticket_id(ticket_id).page_size(200).build()
        messages = self.api.ticket_message.list(request, desk_option(*DESK)).data.messages
        (found,) = (message for message in messages if message.message_type == message_type)
        return found

    def test_a_picture_of_a_faq(self):
        faq_id, key = self.faq_with(PNG + b"faq")
        self.downloaded(self.faq_image(faq_id, key), key, PNG + b"faq")
        self.refused(self.faq_image(faq_id, "img_none"), 404, 154004)
        self.refused(self.faq_image(PLAIN_DESK["faqs"][0]["id"], key), 404, 154004)

    def test_the_picture_of_an_image_message(self):
        guest = Guest(PLAIN_DESK)
        key = upload(guest, PNG + b"guest")
        ticket_id = guest.post("/messages", {"image_key": key})["ticket_id"]
        message = self.only(ticket_id, "image")
        for msg_id in (message.id, message.message_id):
            self.downloaded(self.ticket_image(ticket_id, msg_id), key, PNG + b"guest")
        other = Guest(PLAIN_DESK).ask("hello")
        self.refused(self.ticket_image(other, message.id), 404, 154004)

    def test_the_pictures_of_a_post(self):
        guest = Guest(PLAIN_DESK)
        ticket_id = guest.ask("hello")
        own = upload(guest, PNG + b"own")
        _, of_faq = self.faq_with(PNG + b"shared")
        lines = [[{"tag": "img", "image_key": own}, {"tag": "text", "text": "and"}, {"tag": "img", "image_key": of_faq}]]
        content = json.dumps({"post": {"zh_cn": {"title": "图片", "content": lines}}})
        body = CreateTicketMessageRequestBody.builder().msg_type("post").content(content).build()
        request = CreateTicketMessageRequest.builder().ticket_id(ticket_id).request_body(body).build()
        self.assertTrue(self.api.ticket_message.create(request, desk_option(*DESK)).success())
        message = self.only(ticket_id, "post")
        self.assertEqual(json.loads(message.content)["image_keys"], [own, of_faq])
        self.downloaded(self.ticket_image(ticket_id, message.id, 0), own, PNG + b"own")
        self.downloaded(self.ticket_image(ticket_id, message.message_id, 1), of_faq, PNG + b"shared")
        self.refused(self.ticket_image(ticket_id, message.id), 400, 154000)
        self.refused(self.ticket_image(ticket_id, message.id, 2), 400, 154000)


if __name__ == "__main__":
    unittest.main()
