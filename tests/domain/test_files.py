"""Names that are safe to show and to save under, and what may be promised of a file."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Invalid
from chalicelib.domain.files import MAX_FILE_BYTES, MAX_NAME_BYTES, promise, safe_name, safe_type

anything = st.text(st.characters(exclude_categories=()), max_size=60)
long_ones = st.text(st.sampled_from("ů .e\u0301\u200b_9"), min_size=80, max_size=260)


class TestSafeName:
    @pytest.mark.parametrize(
        ("filename", "name"),
        [
            ("faktura č. 5.pdf", "faktura č. 5.pdf"),
            ("../x", "x"),
            ("../../etc/passwd", "passwd"),
            ("C:\\x", "x"),
            ("C:x.txt", "C_x.txt"),
            ("/", "file"),
            ("a/", "file"),
            ("", "file"),
            (" ", "file"),
            (".", "file"),
            ("..", "file"),
            ("...", "file"),
            (". . .", "file"),
            ("\u202e", "file"),
            (".htaccess", "htaccess"),
            ("report.pdf. .", "report.pdf"),
            ("foto\u202egpj.exe", "fotogpj.exe"),
            ("a\0b\r\nc.txt", "abc.txt"),
            ("a\u2028b.txt", "ab.txt"),
            ("a\ud800b.txt", "ab.txt"),
            ('a"b<c>d|e?f*g:h.txt', "a_b_c_d_e_f_g_h.txt"),
            ("ku\u030an\u030c.png", "kůň.png"),
            ("e\u200b\u0301.png", "é.png"),
            ("日本語.docx", "日本語.docx"),
        ],
    )
    def test_it_is_the_last_part_without_what_harms(self, filename: str, name: str) -> None:
        assert safe_name(filename) == name

    def test_a_long_one_keeps_its_ending(self) -> None:
        assert safe_name("x" * 296 + ".pdf") == "x" * 196 + ".pdf"

    def test_letters_are_not_cut_in_half(self) -> None:
        assert safe_name("ů" * 150) == "ů" * 100
        assert safe_name("xů" * 100 + ".pdf") == "xů" * 65 + "x.pdf"

    def test_what_is_no_ending_is_cut_too(self) -> None:
        assert safe_name("x." + "y" * 298) == "x." + "y" * 198

    def test_the_cut_leaves_no_space_or_dot_at_the_end(self) -> None:
        assert safe_name("x" * 199 + " " + "y" * 100) == "x" * 199
        assert safe_name("x" * 197 + "..." + "y" * 100) == "x" * 197

    @given(anything | long_ones)
    def test_it_is_bounded_and_stays_what_it_became(self, filename: str) -> None:
        name = safe_name(filename)
        assert safe_name(name) == name
        assert 0 < len(name.encode()) <= MAX_NAME_BYTES
        assert not set(name) & set('/\\:*?"<>|')
        assert name == name.strip(" .")
        assert unicodedata.is_normalized("NFC", name)
        assert not {unicodedata.category(char) for char in name} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


class TestSafeType:
    @pytest.mark.parametrize(
        ("given_type", "kept"),
        [
            ("image/png", "image/png"),
            (" Text/HTML; charset=utf-8", "text/html"),
            ("application/vnd.ms-excel.sheet+xml", "application/vnd.ms-excel.sheet+xml"),
            ("", "application/octet-stream"),
            ("image", "application/octet-stream"),
            ("image/png/x", "application/octet-stream"),
            ("image/*", "application/octet-stream"),
            ("text/html\r\nSet-Cookie: a=b", "application/octet-stream"),
            ("text/" + "x" * 65, "application/octet-stream"),
        ],
    )
    def test_a_bare_type_or_plain_bytes(self, given_type: str, kept: str) -> None:
        assert safe_type(given_type) == kept

    @given(anything)
    def test_it_stays_what_it_became(self, content_type: str) -> None:
        kept = safe_type(content_type)
        assert safe_type(kept) == kept
        assert kept.isascii()


class TestPromise:
    @pytest.mark.parametrize("size", [0, 1, MAX_FILE_BYTES])
    def test_up_to_a_hundred_megabytes(self, size: int) -> None:
        assert promise("../a.png", "IMAGE/PNG", size) == ("a.png", "image/png", size)

    @pytest.mark.parametrize("size", [-1, MAX_FILE_BYTES + 1])
    def test_no_more_and_no_less_than_nothing(self, size: int) -> None:
        with pytest.raises(Invalid) as refused:
            promise("a.png", "image/png", size)
        (error,) = refused.value.errors
        assert (error.field, dict(error.values)) == ("size", {"megabytes": 100})
