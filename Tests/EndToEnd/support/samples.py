"""Samples made by code: the smallest files that libmagic calls PE32 and PE32+ executables."""

import secrets
import struct


def pe(plus=False, salt=None):
    """A PE file that no system would run: DOS header, COFF header, optional header, one section of salt."""
    salt = salt if salt is not None else secrets.token_bytes(32)
    dos = b"MZ" + bytes(58) + struct.pack("<I", 0x80) + bytes(0x40)
    optional_size = 0xF0 if plus else 0xE0
    machine, characteristics = (0x8664, 0x22) if plus else (0x14C, 0x102)
    coff = struct.pack("<HHIIIHH", machine, 1, 0, 0, 0, optional_size, characteristics)
    magic = 0x20B if plus else 0x10B
    optional = struct.pack("<HBBIIIII", magic, 14, 0, 0x200, 0, 0, 0x1000, 0x1000)
    if plus:
        optional += struct.pack("<Q", 0x140000000)
    else:
        optional += struct.pack("<II", 0x2000, 0x400000)
    optional += struct.pack("<IIHHHHHHIIIIHH", 0x1000, 0x200, 6, 0, 0, 0, 6, 0, 0, 0x2000, 0x200, 0, 2, 0)
    optional += bytes(optional_size - len(optional) - 4 - 128) + struct.pack("<I", 16) + bytes(128)
    section = b".text".ljust(8, b"\0") + struct.pack("<IIIIIIHHI", 0x200, 0x1000, 0x200, 0x200, 0, 0, 0, 0, 0x60000020)
    head = (dos + b"PE\0\0" + coff + optional + section).ljust(0x200, b"\0")
    return head + salt.ljust(0x200, b"\0")


def text(salt=None):
    """A text file that is different each time."""
    return b"plain text, nothing to run: " + (salt or secrets.token_hex(16).encode()) + b"\n"
