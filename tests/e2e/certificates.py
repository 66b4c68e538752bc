"""A certificate authority for tests: the openssl command and a folder."""

import ssl
import subprocess


class Authority:
    def __init__(self, folder, name):
        self._folder, self._name, self._issued = folder, name, 0
        self.file = folder / f"{name}.pem"
        self._key = folder / f"{name}.key"
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-keyout", self._key, "-out", self.file, "-days", "30", "-subj", f"/CN={name}")

    def issue(self, names="DNS:localhost,IP:127.0.0.1", days=30):
        """(certificate file, key file) of a new leaf."""
        self._issued += 1
        base = self._folder / f"{self._name}-{self._issued}"
        certificate, key, request, extensions = (base.with_suffix(s) for s in (".pem", ".key", ".csr", ".ext"))
        extensions.write_text(f"subjectAltName={names}\n")
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                 "-out", request, "-subj", "/CN=leaf")
        _openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self._key, "-days", str(days),
                 "-extfile", extensions, "-out", certificate)
        return certificate, key


def server_context(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
