// Every way by which a page may reach out: tried one after the other, the answers in window.tried.
(async (http, secret, script) => {
    const tried = {};
    const later = (work) => Promise.race([work, new Promise((done) => setTimeout(() => done("silence"), 800))]);
    const ask = async (name, start) => {
        try { tried[name] = await later(start()); } catch (error) { tried[name] = "refused: " + error.name; }
    };
    const element = (tag, set) => new Promise((done) => {
        const made = document.createElement(tag);
        made.onload = made.onloadeddata = () => done("loaded");
        made.onerror = () => done("refused");
        set(made);
        document.body.appendChild(made);
    });
    for (const [kind, url] of [["http", http + "x"], ["file", secret]]) {
        await ask(kind + " fetch", async () => "loaded " + (await (await fetch(url)).text()).length);
        await ask(kind + " fetch without cors", async () => (await fetch(url, {mode: "no-cors"})).type);
        await ask(kind + " xhr", () => new Promise((done) => {
            const request = new XMLHttpRequest();
            request.onload = () => done("loaded " + request.responseText.length);
            request.onerror = () => done("refused");
            request.open("GET", url);
            request.send();
        }));
        await ask(kind + " image", () => element("img", (made) => { made.src = url; }));
        await ask(kind + " script", () => element("script", (made) => { made.src = kind === "file" ? script : url; }));
        await ask(kind + " style", () => element("link", (made) => { made.rel = "stylesheet"; made.href = url; }));
        await ask(kind + " video", () => element("video", (made) => { made.src = url; made.load(); }));
        await ask(kind + " object", () => element("object", (made) => { made.data = url; }));
        await ask(kind + " module", async () => { await import(url); return "loaded"; });
        await ask(kind + " worker", () => new Promise((done) => {
            const worker = new Worker(kind === "file" ? script : url);
            worker.onerror = () => done("refused");
            worker.onmessage = () => done("loaded");
        }));
        await ask(kind + " font", async () => { await new FontFace("x", `url(${url})`).load(); return "loaded"; });
        await ask(kind + " frame", () => new Promise((done) => {
            const frame = document.createElement("iframe");
            frame.onload = () => {
                let text = "";
                try { text = frame.contentDocument ? frame.contentDocument.body.innerText : ""; } catch (e) { }
                done(text.includes("secret") ? "loaded" : "nothing");
            };
            frame.src = url;
            document.body.appendChild(frame);
        }));
        await ask(kind + " window", async () => window.open(url) === null ? "refused" : "opened");
    }
    await ask("event source", () => new Promise((done) => {
        const source = new EventSource(http);
        source.onopen = () => done("loaded");
        source.onerror = () => { source.close(); done("refused"); };
    }));
    await ask("web socket", () => new Promise((done) => {
        const socket = new WebSocket(http.replace("http", "ws"));
        socket.onopen = () => done("loaded");
        socket.onerror = () => done("refused");
    }));
    await ask("beacon", async () => navigator.sendBeacon(http, "x") ? "queued" : "refused");
    await ask("ping", async () => {
        const link = document.createElement("a");
        link.href = "#";
        link.ping = http;
        document.body.appendChild(link);
        link.click();
        return "clicked";
    });
    await ask("form", async () => {
        const form = document.createElement("form");
        form.action = http;
        form.method = "post";
        document.body.appendChild(form);
        form.submit();
        return "submitted";
    });
    for (const rel of ["preconnect", "prefetch", "dns-prefetch", "preload", "modulepreload", "prerender"]) {
        await ask(rel, async () => {
            const link = document.createElement("link");
            link.rel = rel;
            link.href = http;
            link.as = "fetch";
            document.head.appendChild(link);
            return "hinted";
        });
    }
    await ask("peer", async () => {
        const peer = new RTCPeerConnection({
            iceServers: [{urls: "turn:" + new URL(http).host + "?transport=tcp", username: "u", credential: "c"}],
        });
        peer.createDataChannel("x");
        await peer.setLocalDescription(await peer.createOffer());
        return "offered";
    });
    await ask("transport", async () => {
        await new WebTransport(http.replace("http", "https")).ready;
        return "loaded";
    });
    await ask("service worker", async () => { await navigator.serviceWorker.register(http); return "loaded"; });
    window.tried = JSON.stringify(tried);
})
