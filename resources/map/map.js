/* The ticket map's page: boundaries, legend, keys and mouse, and the channel to Python.
 *
 * folium's last inline script calls startTicketMap(map, constants). From then on Python (widgets/map/view.py)
 * sends differences, and the page answers with what the user did and what has been painted.
 */
"use strict";

const FIT_PADDING = [14, 18];
const PAN_STEP = 120;
// So many frames lie at most between a script's and the one on screen (Chromium 130 under Qt 6.9: at 3840x2160
// on two busy cores 5 were too few once in a while, 6 never).
const FRAMES = 7;

function startTicketMap(map, constants) {
    const marks = new Marks(constants.text.states);
    const page = new TicketPage(map, marks, constants);
    // For tests and for looking into a running page.
    map.ticketPage = page;
    new QWebChannel(qt.webChannelTransport, (channel) => page.connect(channel.objects.bridge));
}

class TicketPage {
    constructor(map, marks, constants) {
        this.map = map;
        this.marks = marks;
        this.atHome = true;
        this.bridge = null;
        this.tip = this.add("div", "tip");
        this.pulse = this.add("div", "pulse");
        this.addCounties(constants.boundaries);
        this.addLegend(constants.text);
        this.tickets = constants.text.tickets;
        this.home = this.add("button", "home");
        this.home.textContent = constants.text.wholeCity;
        this.home.addEventListener("click", () => this.fit());
        L.DomEvent.disableClickPropagation(this.home);
        this.fit();
        this.marks.addTo(map);
        map.on("click", this.click, this);
        map.on("mousemove", this.move, this);
        map.on("mouseout", this.leave, this);
        map.on("dragstart", this.leaveHome, this);
        map.on("moveend resize", this.tellView, this);
        map.getContainer().addEventListener("wheel", () => this.leaveHome(), { passive: true });
        window.addEventListener("keydown", (event) => this.key(event));
        new ResizeObserver(() => this.resized()).observe(map.getContainer());
        // The face is ready a moment after the first use: what was drawn in another is drawn again.
        document.fonts.load('600 18px "Tickets"', "环").then(() => this.marks.draw());
    }

    add(tag, name) {
        return L.DomUtil.create(tag, name, this.map.getContainer());
    }

    addCounties(boundaries) {
        this.counties = L.geoJSON(boundaries, {
            style: { className: "county", weight: 1.5 },
            onEachFeature: (feature, layer) => {
                layer.on("dblclick", () => this.openCounty(layer));
                layer.on("mouseover", () => L.DomUtil.addClass(layer.getElement(), "hovered"));
                layer.on("mouseout", () => L.DomUtil.removeClass(layer.getElement(), "hovered"));
            },
        }).addTo(this.map);
        this.bounds = this.counties.getBounds();
    }

    addLegend(text) {
        const legend = this.add("div", "legend");
        this.counts = new Map();
        for (const index of text.legend) {
            const state = this.marks.state(index);
            const entry = L.DomUtil.create("div", "", legend);
            entry.append(shapeIcon(state.shape, state.paint), state.word);
            this.counts.set(index, L.DomUtil.create("b", "", entry));
        }
        if (text.approval) this.add("div", "approval").textContent = text.approval;
    }

    connect(bridge) {
        this.bridge = bridge;
        bridge.pushed.connect((text) => this.push(JSON.parse(text)));
        this.tellView();
    }

    push(message) {
        this.marks.put(message.all, message.changed, message.removed);
        if (!message.push) return;
        for (const [index, count] of this.counts) count.textContent = message.totals[index];
        this.bridge.applied(message.push);
        this.afterFrames(FRAMES, () => this.bridge.painted(message.push));
        if (this.hoveredId) this.showTip(this.marks.get(this.hoveredId));
    }

    /* Calls back when what is drawn now is on screen. A frame begins while those before it are still being
     * rastered, so one must see several through, each with a change, or it would be left out. */
    afterFrames(count, done) {
        this.pulse.style.opacity = count % 2 ? "0.5" : "1";
        if (count === 0) done();
        else requestAnimationFrame(() => this.afterFrames(count - 1, done));
    }

    fit() {
        this.atHome = true;
        this.look(this.bounds, 0);
        this.showHome();
    }

    fitZoom(bounds = this.bounds) {
        // Rounded, because Leaflet's answer wavers in the last digits with the zoom at which it is asked.
        const zoom = this.map.getBoundsZoom(bounds, false, L.point(FIT_PADDING).multiplyBy(2));
        return Math.floor(zoom * 1000) / 1000;
    }

    look(bounds, leastZoom) {
        const zoom = Math.max(this.fitZoom(bounds), leastZoom);
        const corners = [bounds.getSouthWest(), bounds.getNorthEast()].map((at) => this.map.project(at, 0));
        const middle = corners[0].add(corners[1]).divideBy(2);
        this.map.setView(this.map.unproject(middle, 0), zoom, { animate: false });
    }

    openCounty(layer) {
        this.atHome = false;
        this.look(layer.getBounds(), this.fitZoom() + 1);
        this.showHome();
    }

    leaveHome() {
        this.atHome = false;
        this.showHome();
    }

    showHome() {
        const name = "away";
        const container = this.map.getContainer();
        if (this.atHome) L.DomUtil.removeClass(container, name);
        else L.DomUtil.addClass(container, name);
    }

    resized() {
        this.map.invalidateSize({ animate: false, pan: !this.atHome });
        if (this.atHome) this.fit();
        this.tellView();
    }

    tellView() {
        if (!this.bridge) return;
        const size = this.map.getSize();
        if (size.x < 1 || size.y < 1) return;
        const bounds = this.map.getBounds();
        this.bridge.view_changed(
            this.map.getZoom(),
            this.fitZoom(),
            bounds.getWest(),
            bounds.getSouth(),
            bounds.getEast(),
            bounds.getNorth(),
        );
    }

    click(event) {
        const mark = this.marks.at(event.containerPoint);
        if (mark) this.bridge.mark_clicked(mark.id);
    }

    move(event) {
        const mark = this.marks.at(event.containerPoint);
        this.hoveredId = mark ? mark.id : null;
        this.marks.hover(this.hoveredId);
        if (mark) L.DomUtil.addClass(this.map.getContainer(), "over-mark");
        else L.DomUtil.removeClass(this.map.getContainer(), "over-mark");
        this.showTip(mark);
    }

    /* Goes to the next or previous mark in view, from left to right, for the keyboard. */
    step(way) {
        const size = this.map.getSize();
        const marks = this.marks.opened().filter((d) => d.x > 0 && d.y > 0 && d.x < size.x && d.y < size.y);
        if (marks.length === 0) return;
        const at = marks.findIndex((d) => d.mark.id === this.hoveredId);
        const next = at < 0 ? (way > 0 ? 0 : marks.length - 1) : (at + way + marks.length) % marks.length;
        this.hoveredId = marks[next].mark.id;
        this.marks.hover(this.hoveredId);
        this.showTip(marks[next].mark);
    }

    leave() {
        this.hoveredId = null;
        this.marks.hover(null);
        this.showTip(null);
    }

    showTip(mark) {
        const place = mark && this.marks.place(mark.id);
        if (!place) {
            this.tip.style.display = "none";
            return;
        }
        this.tip.textContent = "";
        const title = L.DomUtil.create("b", "", this.tip);
        title.textContent = [mark.label, this.tickets.replace("{0}", mark.count)].filter(Boolean).join(" · ");
        mark.states.forEach((count, index) => {
            if (count === 0) return;
            const state = this.marks.state(index);
            const line = L.DomUtil.create("div", "", this.tip);
            line.append(shapeIcon(state.shape, state.paint), `${state.word} ${count}`);
        });
        this.tip.style.display = "block";
        const size = this.map.getSize();
        const x = place.x + place.r + 10;
        const fits = x + this.tip.offsetWidth < size.x;
        this.tip.style.left = (fits ? x : place.x - place.r - 10 - this.tip.offsetWidth) + "px";
        const y = Math.min(place.y - 14, size.y - this.tip.offsetHeight - 4);
        this.tip.style.top = Math.max(4, y) + "px";
    }

    key(event) {
        const pans = {
            ArrowLeft: [-PAN_STEP, 0],
            ArrowRight: [PAN_STEP, 0],
            ArrowUp: [0, -PAN_STEP],
            ArrowDown: [0, PAN_STEP],
        };
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        if (pans[event.key]) {
            this.leaveHome();
            this.map.panBy(pans[event.key], { animate: false });
        } else if (event.key === "+" || event.key === "=") {
            this.leaveHome();
            this.map.zoomIn(undefined, { animate: false });
        } else if (event.key === "-") {
            this.leaveHome();
            this.map.zoomOut(undefined, { animate: false });
        } else if (event.key === "Home") {
            this.fit();
        } else if (event.key === "PageDown" || event.key === "PageUp") {
            this.step(event.key === "PageDown" ? 1 : -1);
        } else if (event.key === "Enter" && this.hoveredId && document.activeElement !== this.home) {
            this.bridge.mark_clicked(this.hoveredId);
        } else {
            return;
        }
        event.preventDefault();
    }
}
