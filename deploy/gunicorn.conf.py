"""gunicorn's settings for the web processes."""

import os

wsgi_app = "wsgi:app"
bind = os.environ.get("CLOUD_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("CLOUD_WEB_WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("CLOUD_WEB_THREADS", "8"))
timeout = 30
graceful_timeout = 10
keepalive = 30
max_requests = 20_000  # a leak never grows for ever
max_requests_jitter = 2_000
control_socket_disable = True  # a socket in the home directory that could stop the server
accesslog = None  # the application logs each request without its path
