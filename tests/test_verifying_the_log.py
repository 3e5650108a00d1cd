"""The log is checked by a stranger's file and by `manage.py verify_log`, and both know the published standards.

The known answers are those of certificate-transparency's Merkle trees, RFC 8032 and Go's package of signed notes.
"""

import base64
import hashlib
import io
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command

from tests.examples import draft_document, draft_update, make_commitment, make_person, publish_as_approver
from tests.log import download, redact, verify
from tracker import merkle
from tracker.models import Checkpoint
from tracker.publishing import publish_batch
from tracker.publishing.signing import Signer
from tracker.publishing.signing import is_signed as is_signed_quickly
from tracker.verify import DoesNotFit, append_leaf, compute_root, find_key_id, is_signed, read_keys, read_note

VERIFIER = Path(merkle.__file__).with_name("verify.py")

# --- The tree --------------------------------------------------------------------------------

INPUTS = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
INCLUSION = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): INCLUSION[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
KNOWN_LEAVES = [merkle.hash_leaf(bytes.fromhex(each)) for each in INPUTS]
LEAVES = [merkle.hash_leaf(str(number).encode()) for number in range(40)]


def grow(leaves: list[bytes], step: int = 40) -> dict[merkle.Node, bytes]:
    """Grow a tree by some leaves at a time, from what is stored alone."""
    nodes: dict[merkle.Node, bytes] = {}
    for start in range(0, len(leaves), step):
        nodes |= dict(merkle.grow(start, leaves[start : start + step], nodes.__getitem__))
    return nodes


def hash_all(spans: list[merkle.Span], nodes: dict[merkle.Node, bytes]) -> list[bytes]:
    return [merkle.hash_span(span, nodes.__getitem__) for span in spans]


def hash_by_the_book(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it stands there."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    split = max(2**power for power in range(10) if 2**power < len(leaves))
    return merkle.hash_children(hash_by_the_book(leaves[:split]), hash_by_the_book(leaves[split:]))


def test_the_roots_are_the_known_ones():
    nodes = grow(KNOWN_LEAVES)
    assert tuple(merkle.hash_span((0, size), nodes.__getitem__).hex() for size in range(9)) == ROOTS
    peaks = []
    assert compute_root(peaks).hex() == ROOTS[0]
    for leaf, root in zip(KNOWN_LEAVES, ROOTS[1:], strict=True):
        append_leaf(peaks, leaf)
        assert compute_root(peaks).hex() == root


def test_the_proofs_are_the_known_ones():
    nodes = grow(KNOWN_LEAVES)
    for (index, size), path in INCLUSION.items():
        assert [each.hex() for each in hash_all(merkle.find_inclusion_path(index, size), nodes)] == path
    for (first, second), path in CONSISTENCY.items():
        assert [each.hex() for each in hash_all(merkle.find_consistency_path(first, second), nodes)] == path


@pytest.mark.parametrize("step", [1, 3, 40])
def test_a_tree_grown_in_any_steps_has_the_root_of_the_book(step):
    nodes = grow(LEAVES, step)
    for size in range(41):
        assert merkle.hash_span((0, size), nodes.__getitem__) == hash_by_the_book(LEAVES[:size])


def test_every_proof_proves_what_it_should_and_nothing_else():
    nodes = grow(LEAVES)
    roots = [merkle.hash_span((0, size), nodes.__getitem__) for size in range(41)]
    for size in range(1, 41):
        for index in range(size):
            path = hash_all(merkle.find_inclusion_path(index, size), nodes)
            assert merkle.verify_inclusion(LEAVES[index], index, size, path, roots[size])
            for wrong in (
                (LEAVES[index - 1], index, size, path, roots[size]) if size > 1 else (LEAVES[1], 0, 1, path, roots[1]),
                (LEAVES[index], index + 1, size, path, roots[size]),
                (LEAVES[index], index, size, [*path, path[-1] if path else LEAVES[0]], roots[size]),
                (LEAVES[index], index, size, path, roots[size - 1]),
            ):
                assert not merkle.verify_inclusion(*wrong)
        for first in range(1, size + 1):
            path = hash_all(merkle.find_consistency_path(first, size), nodes)
            assert merkle.verify_consistency(first, size, path, (roots[first], roots[size]))
            assert not merkle.verify_consistency(first, size, path, (roots[first - 1], roots[size]))
            assert not merkle.verify_consistency(first, size, path, (roots[first], roots[size - 1]))
            assert not merkle.verify_consistency(first, size, [*path, LEAVES[0]], (roots[first], roots[size]))


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_path_leads_to_a_leaf_that_is_not_there(index, size):
    with pytest.raises(ValueError, match="no leaf"):
        merkle.find_inclusion_path(index, size)
    assert not merkle.verify_inclusion(LEAVES[0], index, size, [], LEAVES[0])


@pytest.mark.parametrize(("first", "second"), [(0, 3), (4, 3), (-1, 1)])
def test_no_tree_begins_a_smaller_one(first, second):
    with pytest.raises(ValueError, match="does not begin"):
        merkle.find_consistency_path(first, second)
    assert not merkle.verify_consistency(first, second, [], (LEAVES[0], LEAVES[0]))


# --- Signatures and checkpoints --------------------------------------------------------------

# RFC 8032, section 7.1: secret key, public key, message, signature.
ED25519 = (
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
)
# The examples of Go's golang.org/x/mod/sumdb/note.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
C2SP_CHECKPOINT = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGz"
    "Gku9nTo+zyWE+xeMcTOAYQ8=\n"
)


@pytest.mark.parametrize("check", [is_signed, is_signed_quickly])
def test_signatures_are_checked_as_rfc_8032_says(check):
    for _, public, message, signature in ED25519:
        key, text, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
        assert check(key, text, signed)
        wrong = [(key, text + b"x", signed), (key[::-1], text, signed), (key, text, signed[::-1])]
        wrong += [(key, text, signed[:-1]), (key, text, b""), (key, text, signed + b"\0"), (bytes(32), text, signed)]
        # The same number once more, plus the order of the group: RFC 8032 refuses it, so that a text has one signature.
        order = 2**252 + 27742317777372353535851937790883648493
        again = (int.from_bytes(signed[32:], "little") + order).to_bytes(32, "little")
        assert not any(check(*each) for each in [*wrong, (key, text, signed[:32] + again)])


def test_keys_are_written_as_signed_notes_write_them():
    signer = Signer("PeterNeumann", Ed25519PrivateKey.from_private_bytes(GO_SEED))
    assert signer.verifier_key == GO_KEY
    assert read_keys([GO_KEY]) == {b"PeterNeumann" + find_key_id("PeterNeumann", signer.public): signer.public}
    signature = signer.private.sign(GO_TEXT.encode())
    assert base64.b64encode(signer.key_id + signature).decode() == GO_SIGNATURE
    assert is_signed(signer.public, GO_TEXT.encode(), signature)


@pytest.mark.parametrize(
    "key",
    ["", "x", GO_KEY[:-1], GO_KEY.replace("c74f", "c74e"), GO_KEY.replace("+AR", "+BR"), GO_KEY.replace("P", "Q", 1)],
)
def test_a_key_that_is_none_is_refused(key):
    with pytest.raises(DoesNotFit, match="not a public key"):
        read_keys([key])


def test_the_example_of_the_standard_is_read_as_it_means():
    note = read_note("it", C2SP_CHECKPOINT.encode(), {})
    assert (note.origin, note.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert base64.b64encode(note.root).decode() == "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


def test_a_checkpoint_is_written_as_the_standard_says():
    signer = Signer("example.org/log", Ed25519PrivateKey.from_private_bytes(GO_SEED))
    note = signer.sign(3, bytes(32))
    assert note.startswith(f"example.org/log\n3\n{'A' * 43}=\n\n— example.org/log ")
    assert note == signer.sign(3, bytes(32))
    keys = read_keys([signer.verifier_key])
    read = read_note("it", note.encode(), keys)
    assert (read.origin, read.size, read.root) == ("example.org/log", 3, bytes(32))
    assert read_note("it", (note + C2SP_CHECKPOINT.split("\n\n")[1]).encode(), keys) == read  # a witness signed it too


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n3\n", "\n4\n"),
        ("\n3\n", "\n03\n"),
        ("\n3\n", "\n-3\n"),
        ("\n3\n", "\n³\n"),
        ("A=\n", "B=\n"),
        ("\n\n", "\nextension\n\n"),
        ("\n\n", "\n"),
        ("— ", "- "),
        ("— example.org/log ", "— example.org/other "),
        ("example.org/log\n", "example.org/other\n"),
        ("=\n\n", "=\r\n\n"),
        ("example.org/log\n3", "\n3"),
    ],
)
def test_a_checkpoint_that_was_changed_is_refused(before, after):
    signer = Signer("example.org/log", Ed25519PrivateKey.from_private_bytes(GO_SEED))
    note = signer.sign(3, bytes(32)).replace(before, after, 1)
    with pytest.raises(DoesNotFit, match=r"^it is not (a checkpoint|signed with the register's key)\.$"):
        read_note("it", note.encode(), read_keys([signer.verifier_key]))


# --- A stranger with the files ---------------------------------------------------------------


@pytest.fixture
def copy(empty_register: None, tmp_path: Path) -> Path:
    """A downloaded log of eight entries, and in `saved` the checkpoint over the first five that somebody kept."""
    commitment = make_commitment()
    publish_as_approver(draft_update(commitment))
    (tmp_path / "saved").write_text(Checkpoint.objects.first().note)
    publish_batch("Files", {"documents.json": "0" * 64}, [draft_document("a"), draft_document("b")])
    return download(tmp_path)


def test_an_untouched_copy_is_right(copy):
    origin = (copy / "checkpoint").read_text().split("\n", 1)[0]
    said = f"All 8 entries of {origin} fit; checkpoints that agree: {{}}. Signatures are right."
    assert verify(copy) == (0, said.format(1))
    assert verify(copy, "--earlier", "saved") == (0, said.format(2))
    assert verify(copy, "--earlier", "saved", "--earlier", "saved", "checkpoint") == (0, said.format(4))
    unsigned = said.format(1).replace("Signatures are right", "Without --key, signatures were not checked")
    assert verify(copy, with_key=False) == (0, unsigned)


def test_a_copy_that_is_newer_than_its_checkpoint_is_right(copy):
    (copy / "checkpoint").write_bytes((copy / "saved").read_bytes())
    assert verify(copy)[0] == 0


def change(copy: Path, number: int, change: object) -> None:
    """Write one line of the copy anew."""
    lines = (copy / "entries.jsonl").read_bytes().splitlines(keepends=True)
    lines[number - 1] = change(lines[number - 1])
    (copy / "entries.jsonl").write_bytes(b"".join(lines))


HASHED = "Entry 5 does not hold what was published: its content has another hash."
LEAF = "Entry 5 is not as it was published: it has another leaf hash."
WRITTEN = "Entry 5 is not written as the register writes an entry."


def empty(line: bytes) -> bytes:
    line = re.sub(rb'"salt":"\w+"', b'"salt":null', line)
    return re.sub(rb'"content":\{.*\},"content_hash"', b'"content":null,"content_hash"', line)


@pytest.mark.parametrize(
    ("number", "how", "sentence"),
    [
        (5, lambda line: b"", "Entry 5 is missing: entry 6 stands in its place."),
        (8, lambda line: b"", "checkpoint needs 8 entries; here the log ends after 7."),
        (2, lambda line: line + line, "Entry 3 is missing: entry 2 stands in its place."),
        (5, lambda line: line.replace(b"introduced", b"withdrawn"), HASHED),
        (5, lambda line: line.replace(b"#update-1", b"#update-2"), LEAF),
        (5, lambda line: re.sub(rb'"at":"\d', b'"at":"1', line), "Entry 5 is dated before the one ahead of it."),
        (4, empty, "Entry 4 has no content, and no later entry that is signed says why."),
        (5, lambda line: b"x\n", WRITTEN),
        (5, lambda line: b"\xff\n", WRITTEN),
        (5, lambda line: b"[" * 100_000 + b"\n", WRITTEN),
        (5, lambda line: b"{}\n", WRITTEN),
        (5, lambda line: line.replace(b",", b", "), WRITTEN),
        (5, lambda line: line.replace(b'{"at"', b'{"also":1,"at"'), WRITTEN),
        (5, lambda line: re.sub(rb'"salt":"\w+"', b'"salt":null', line), WRITTEN),
    ],
)
def test_the_first_entry_that_does_not_fit_is_named(copy, number, how, sentence):
    change(copy, number, how)
    assert verify(copy) == (1, f"NOT RIGHT. {sentence}")


def test_another_history_is_found_by_whoever_kept_a_checkpoint(copy, tmp_path):
    (copy / "saved").write_text(Checkpoint.objects.get(size=5).note.replace("\n5\n", "\n4\n"))
    assert verify(copy, "--earlier", "saved") == (1, "NOT RIGHT. saved is not signed with the register's key.")
    assert verify(copy, "--earlier", "saved", with_key=False) == (
        1,
        "NOT RIGHT. saved does not fit: the first other entry is from 1 to 4.",
    )


def test_a_checkpoint_of_another_log_is_refused(copy):
    (copy / "saved").write_text(C2SP_CHECKPOINT.replace("20852163", "2"))
    assert verify(copy, "--earlier", "saved", with_key=False) == (
        1,
        "NOT RIGHT. saved does not fit: the first other entry is from 1 to 2.",
    )


def test_a_file_that_is_not_there_is_named(copy):
    status, said = verify(copy, "--earlier", "nothing")
    assert (status, said.startswith("NOT RIGHT.")) == (1, True)
    assert "nothing" in said


def test_a_lawful_redaction_raises_no_alarm(copy):
    (copy / "before").write_bytes((copy / "checkpoint").read_bytes())
    redact(4, 5)
    download(copy)
    assert b"introduced" not in (copy / "entries.jsonl").read_bytes()
    assert verify(copy, "--earlier", "saved", "before")[0] == 0


def test_a_redaction_that_was_not_signed_explains_nothing(copy):
    redact(5)
    newest = (copy / "checkpoint").read_bytes()
    download(copy)
    (copy / "checkpoint").write_bytes(newest)
    assert verify(copy) == (1, "NOT RIGHT. Entry 5 has no content, and no later entry that is signed says why.")


def test_the_file_has_at_most_200_lines_and_says_how_it_is_used():
    text = VERIFIER.read_text()
    assert len(text.splitlines()) <= 200
    assert "python3 verify.py entries.jsonl checkpoint.txt [--key KEY ...] [--earlier saved.txt ...]" in text


# --- manage.py verify_log --------------------------------------------------------------------


def check(*arguments: str | Path) -> str:
    out = io.StringIO()
    call_command("verify_log", *map(str, arguments), stdout=out)
    return out.getvalue().strip()


def find_faults(*arguments: str | Path) -> list[str]:
    err = io.StringIO()
    with pytest.raises(CommandError, match="The log is not as it was published"):
        call_command("verify_log", *map(str, arguments), stdout=io.StringIO(), stderr=err)
    return err.getvalue().splitlines()


def test_the_command_checks_the_log_here_and_in_files(copy):
    said = "The log is as it was published: 8 entries fit every checkpoint."
    files = ("--file", copy / "entries.jsonl", "--checkpoint", copy / "checkpoint", copy / "saved")
    assert (check(), check("--checkpoint", copy / "saved"), check(*files)) == (said, said, said)
    assert check(*files, "--key", (copy / "key").read_text()) == said


def test_the_command_names_the_first_entry_that_does_not_fit(copy):
    change(copy, 5, lambda line: line.replace(b"introduced", b"withdrawn"))
    sentence = "Entry 5 does not hold what was published: its content has another hash."
    assert find_faults("--file", copy / "entries.jsonl", "--checkpoint", copy / "checkpoint") == [sentence]
    assert find_faults("--checkpoint", copy / "nothing")[0].endswith(f"No such file or directory: '{copy / 'nothing'}'")
    (copy / "saved").write_text(Checkpoint.objects.get(size=5).note.replace("\n5\n", "\n4\n"))
    assert find_faults("--checkpoint", copy / "saved") == [f"{copy / 'saved'} is not signed with the register's key."]


def test_the_command_believes_only_the_keys_that_it_is_told(copy):
    key = (copy / "key").read_text().strip()
    other = Signer(key.partition("+")[0], Ed25519PrivateKey.from_private_bytes(bytes(32))).verifier_key
    assert find_faults("--key", other, "--checkpoint", copy / "saved") == [
        f"{copy / 'saved'} is not signed with the register's key."
    ]
    assert check("--key", key, other, "--checkpoint", copy / "saved")


def test_a_file_needs_a_checkpoint(copy):
    with pytest.raises(CommandError, match="name at least one --checkpoint too"):
        check("--file", copy / "entries.jsonl")


def test_nobody_of_the_staff_is_in_the_download(copy):
    make_person("author")
    assert [word for word in (b"author", b"approver") if word in (copy / "entries.jsonl").read_bytes()] == []
