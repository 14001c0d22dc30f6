#!/usr/bin/env python3
"""Verifies a receipt of pdx, with Python's standard library alone.

    verify.py deal17.json HASH

HASH is the hash of the receipt's block, 64 hex digits, from somebody you trust. The program
prints what the chain recorded of the deal, or why the receipt does not hold, and then exits
with 1. It was written from docs/spec/receipt.md and links nothing of pdx.
"""

import base64
import hashlib
import json
import sys

STORE = b"datapool"
DEALS = b"\x06"  # the prefix of the keys of deals
STATES = ["", "offered", "certified", "acked", "delivered", "final", "lapsed", "unacked", "undelivered", "fraud"]


class Refused(Exception):
    """The receipt does not hold."""


def sha256(data):
    return hashlib.sha256(data).digest()


# Protocol buffers: a message is a dict of lists, by the numbers of its fields.


def varint(data, at):
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Refused("a number is cut off")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def message(data):
    fields, at = {}, 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            value, at = varint(data, at)
        elif tag & 7 == 2:
            size, at = varint(data, at)
            value, at = data[at : at + size], at + size
            if at > len(data):
                raise Refused("a field is cut off")
        else:
            raise Refused("a field of an unexpected type")
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def one(fields, number, default=b""):
    return fields.get(number, [default])[-1]


def encoded(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def with_length(data):
    return encoded(len(data)) + data


# The header of CometBFT: its hash is the root of a Merkle tree over its fields.


def merkle(leaves):
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0])
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + merkle(leaves[:split]) + merkle(leaves[split:]))


def header_hash(header):
    fields = message(header)
    leaves = []
    for number in range(1, 15):
        value = one(fields, number, None)
        if number in (1, 4, 5):  # messages, as they are
            leaves.append(value or b"")
        elif not value:
            leaves.append(b"")
        elif number == 3:  # the height
            leaves.append(b"\x08" + encoded(value))
        else:
            leaves.append(b"\x0a" + with_length(value))
    return merkle(leaves), fields


# ICS-23: a proof that a tree has a value under a key.


def inner_ok(prefix, suffix, tree):
    """The shape of an inner node: the other child stands before or after ours."""
    if tree == "iavl":
        return 4 <= len(prefix) <= 12 + 33 and prefix[0] != 0 and len(suffix) % 33 == 0
    return 1 <= len(prefix) <= 1 + 32 and prefix[0] == 1 and len(suffix) % 32 == 0


def root_of(proof, key, value, tree):
    exist = message(one(message(proof), 1))
    if one(exist, 1) != key or one(exist, 2) != value:
        raise Refused("the proof is of another value")
    leaf = message(one(exist, 3))
    sha, none, length = 1, 0, 1
    if (one(leaf, 1, 0), one(leaf, 2, 0), one(leaf, 3, 0), one(leaf, 4, 0)) != (sha, none, sha, length):
        raise Refused("the leaf is hashed in another way")
    prefix = one(leaf, 5)
    if prefix[:1] != b"\x00" or (tree == "simple" and prefix != b"\x00"):
        raise Refused("the leaf is none")
    node = sha256(prefix + with_length(key) + with_length(sha256(value)))
    for step in exist.get(4, []):
        step = message(step)
        before, after = one(step, 2), one(step, 3)
        if one(step, 1, 0) != sha or not before or not inner_ok(before, after, tree):
            raise Refused("an inner node has another shape")
        node = sha256(before + node + after)
    return node


def verify(receipt, trusted):
    if receipt.get("format") != "pdx-receipt-1":
        raise Refused("the format is another")
    header = base64.b64decode(receipt["header"], validate=True)
    record = base64.b64decode(receipt["record"], validate=True)
    found, fields = header_hash(header)
    if found != trusted:
        raise Refused("it stands on a block with another hash: " + found.hex().upper())
    number = int(receipt["deal"])
    if not record:
        raise Refused("it has no record")
    key = DEALS + number.to_bytes(8, "big")
    store = root_of(base64.b64decode(receipt["store_proof"], validate=True), key, record, "iavl")
    app = root_of(base64.b64decode(receipt["app_proof"], validate=True), STORE, store, "simple")
    if app != one(fields, 11):
        raise Refused("the proof does not lead to the block")
    return fields, message(record)


def show(header, deal):
    print("block       %d of %s" % (one(header, 3, 0), one(header, 2).decode()))
    print("deal        %d in pool %d" % (one(deal, 1, 0), one(deal, 2, 0)))
    print("state       %s" % STATES[one(deal, 17, 0)])
    print("seller      %s" % one(deal, 3).decode())
    print("buyer       %s" % one(deal, 4).decode())
    print("price       %s %s" % (one(deal, 7).decode(), one(deal, 8).decode()))
    dataset = message(one(deal, 5))
    print("ciphertext  %s, %d bytes" % (one(dataset, 1).hex(), one(dataset, 2, 0)))
    for raw in deal.get(18, []):
        certificate = message(raw)
        verdict = "accepted" if one(certificate, 2, 0) == 1 else "rejected"
        print("verdict     %s %s at height %d" % (one(certificate, 1).decode(), verdict, one(certificate, 9, 0)))
    for raw in deal.get(23, []):
        share = message(raw)
        print("share       %s of %s" % (one(share, 2).decode(), one(share, 1).decode()))
    for raw in deal.get(24, []):
        step = message(raw)
        print("history     %s at height %d" % (STATES[one(step, 1, 0)], one(step, 2, 0)))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            receipt = json.load(file)
        show(*verify(receipt, bytes.fromhex(sys.argv[2])))
    except (Refused, ValueError, KeyError, TypeError, IndexError) as problem:
        sys.exit("verify.py: the receipt does not hold: %s" % problem)


if __name__ == "__main__":
    main()
