"""Takes in what devices send by HJ 212 over TCP, and answers what is stored (X14).

`server` has the connections, `reading` makes something to store of their frames, `batches` stores and has
them answered, `service` runs it all beside other work, on a thread and a loop of its own.
"""
