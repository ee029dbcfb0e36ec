"""A mail server (aiosmtpd) that does as the recipient's or the sender's local part says, and prints each letter that it took as a line of JSON.

  python3 smtp_server.py [--user NAME --password TEXT] [--certificate FILE --key FILE] [--tls starttls|implicit] [--no-utf8] [--greeting STATUS]

The first line that it prints is its port.
"""
import argparse
import asyncio
import json
import ssl

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

arguments = argparse.ArgumentParser()
for name in ("user", "password", "certificate", "key", "tls", "greeting"):
    arguments.add_argument(f"--{name}")
arguments.add_argument("--no-utf8", action="store_true")
options = arguments.parse_args()


def word(address):
    return address.split("@")[0].strip("<")


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        if word(address) == "banned":
            return "550 5.7.1 Not from this address"
        if word(address) == "later":
            return "451 4.3.0 Not now"
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if word(address) == "gone":
            return "550 5.1.1 No such user"
        if word(address) == "greylisted":
            return "450 4.2.0 Come back later"
        if word(address) == "cut-at-recipient":
            server.transport.abort()
            return "250 OK"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        what = word(envelope.rcpt_tos[0])
        if what == "full":
            return "452 4.3.1 Disk full"
        if what == "spam":
            return "554 5.7.1 Looks like spam"
        print(json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "letter": envelope.content.decode("utf-8"),
            "encrypted": server.transport.get_extra_info("ssl_object") is not None, "user": getattr(session, "auth_data", None) or "",
        }), flush=True)
        if what == "dropped":
            server.transport.abort()
        if what == "silent":
            await asyncio.sleep(60)
        return "250 2.0.0 Taken"


class Server(SMTP):
    async def smtp_DATA(self, arg):
        if self.envelope.rcpt_tos and word(self.envelope.rcpt_tos[0]) == "cut-at-data":
            self.transport.abort()
            return
        if self.envelope.rcpt_tos and word(self.envelope.rcpt_tos[0]) == "refused-at-data":
            await self.push("554 5.5.1 No letters today")
            return
        await super().smtp_DATA(arg)


def authenticator(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == (options.user, options.password)
    return AuthResult(success=right, auth_data=options.user if right else None, handled=False)


def protocol(context):
    return Server(
        Handler(), hostname="mail.test", enable_SMTPUTF8=not options.no_utf8, ident="test",
        tls_context=context if options.tls == "starttls" else None, require_starttls=options.tls == "starttls",
        auth_required=bool(options.user), auth_require_tls=options.tls == "starttls", authenticator=authenticator if options.user else None,
        auth_exclude_mechanism=None if options.user else ["LOGIN", "PLAIN"])


class Closed(asyncio.Protocol):
    def connection_made(self, transport):
        transport.write(f"{options.greeting} mail.test\r\n".encode())
        transport.close()


async def main():
    context = None
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
    factory = Closed if options.greeting else lambda: protocol(context)
    server = await asyncio.get_running_loop().create_server(factory, "127.0.0.1", 0, ssl=context if options.tls == "implicit" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
