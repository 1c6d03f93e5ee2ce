"""
A thread whose ``fsync`` fails: the kernel itself answers EIO, to it and to the threads that it begins, by a seccomp filter.

No compiler, no library that is loaded before others and no right of root is needed, only Linux.  A filter cannot be taken
off again, so an ``fsync`` that fails *once* is a deed on such a thread, and the next one on another thread.
"""

import ctypes
import errno
import os
import platform
import struct

CALLS = {"x86_64": (74, 75), "aarch64": (82, 83)}
"""The numbers of ``fsync`` and ``fdatasync``."""

_LOAD_NUMBER = 0x20  # BPF_LD | BPF_W | BPF_ABS, offset 0: the number of the call
_JUMP_IF_EQUAL = 0x15
_RETURN = 0x06
_ALLOW = 0x7FFF0000
_FAIL = 0x00050000 | errno.EIO
_NO_NEW_RIGHTS = (38, 1, 0, 0, 0)
_SET_FILTER = (22, 2)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def curse_this_thread():
    """Let no ``fsync`` of this thread succeed from now on."""
    numbers = CALLS[platform.machine()]
    steps = [(_LOAD_NUMBER, 0, 0, 0)]
    steps += [(_JUMP_IF_EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _FAIL)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = _Program(len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    for call in (_NO_NEW_RIGHTS, (*_SET_FILTER, ctypes.byref(program), 0, 0)):
        if libc.prctl(*call):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
