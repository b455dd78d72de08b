"""The pages, a module for each part of the site: every one has a ``router`` that `auditor.web.app` lists."""
