"""Federation as routers meet it: Apollo's compatibility suite, and real routers in front of the directory."""
