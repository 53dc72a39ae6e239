"""The provider over HTTP: pages for people, endpoints for apps, administration."""
