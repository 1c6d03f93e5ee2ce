"""The sandbox on a real socket: an ASGI application and a server in a thread; needs the extra ``sandbox``."""
