// Begins the circuit. A page on a busy machine is patient: the server's sign of life may come late (it is due every 15 s) before the page gives the connection up.
Blazor.start({ circuit: { configureSignalR: builder => builder.withServerTimeout(60000).withKeepAliveInterval(15000) } });
