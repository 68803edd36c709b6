/* The ticket map's page: boundaries, legend, keys and mouse, and the channel to Python.
 *
 * folium's last inline script calls startTicketMap(map, constants). From then on Python (widgets/map/view.py)
 * sends differences, and the page answers with what the user did and what has been painted.
 */
"use strict";

const FIT_PADDING = [14, 18];
const PAN_STEP = 120;
const LAND_AROUND = 0.35;
// So many frames lie at most between a script's and the one on screen (Chromium 130 under Qt 6.9, two busy cores;
// 60 changes each, the picture grabbed at once). Up to 1920x1080 3 were too few once, 4 never; at 3840x2160 5 were
// too few once in a while, 6 never.
const FRAMES = 5;
const FRAMES_OF_A_LARGE_WALL = 7;
const LARGE_WALL = 3e6;
// The second click of a double click lands on what the first one brought there: it is no click.
const DOUBLE_CLICK_MS = 400;

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
        this.bridge = null;
        // What the view is fitted to (county codes; none for the city), until the user moves it.
        this.target = [];
        this.focus = null;
        this.held = true;
        this.lookedAt = -DOUBLE_CLICK_MS;
        // The focus goes to the map itself first, and on to its buttons.
        map.getContainer().tabIndex = 0;
        this.tip = this.add("div", "tip");
        this.pulse = this.add("div", "pulse");
        this.addCounties(constants.boundaries);
        this.fit();
        this.marks.addTo(map);
        this.overlays = new Overlays(this, constants.text);
        map.on("click", this.click, this);
        map.on("mousemove", this.move, this);
        map.on("mouseout", this.leave, this);
        map.on("dragstart", this.letGo, this);
        map.on("moveend resize", this.tellView, this);
        map.getContainer().addEventListener("wheel", () => this.letGo(), { passive: true });
        window.addEventListener("keydown", (event) => this.key(event));
        new ResizeObserver(() => this.resized()).observe(map.getContainer());
        // The face is ready a moment after the first use: what was drawn in another is drawn again.
        document.fonts.load('600 18px "Tickets"', "环").then(() => this.marks.draw());
    }

    add(tag, name) {
        return L.DomUtil.create(tag, name, this.map.getContainer());
    }

    addCounties(boundaries) {
        this.layers = new Map();
        this.codes = new Map();
        this.counties = L.geoJSON(boundaries, {
            style: { className: "county", weight: 1.5 },
            onEachFeature: (feature, layer) => {
                this.layers.set(String(feature.properties.adcode), layer);
                layer.on("add", () => this.codes.set(layer.getElement(), String(feature.properties.adcode)));
                layer.on("mouseover", () => L.DomUtil.addClass(layer.getElement(), "hovered"));
                layer.on("mouseout", () => L.DomUtil.removeClass(layer.getElement(), "hovered"));
            },
        }).addTo(this.map);
        this.bounds = this.counties.getBounds();
    }

    connect(bridge) {
        this.bridge = bridge;
        bridge.pushed.connect((text) => this.push(JSON.parse(text)));
        bridge.looked.connect((text) => this.lookAt(JSON.parse(text)));
        bridge.layered.connect((text) => this.putLayer(JSON.parse(text)));
        bridge.layer_looked.connect((key) => this.lookAtLayer(key));
        this.tellView();
    }

    push(message) {
        this.marks.put(message.all, message.changed, message.removed, message.heat);
        if (!message.push) return;
        this.overlays.show(message);
        this.showLayers(message.large);
        this.showChosen(message.areas);
        this.bridge.applied(message.push);
        this.afterFrames(this.marks.pixels() > LARGE_WALL ? FRAMES_OF_A_LARGE_WALL : FRAMES, () => this.bridge.painted(message.push));
        if (this.hoveredId) this.showTip(this.marks.get(this.hoveredId));
    }

    /* Takes another picture of one layer. */
    putLayer(message) {
        this.marks.layers.put(message);
        this.overlays.explain(message.key, message.word, message.legend);
        this.marks.draw();
    }

    showLayers(shown) {
        if (this.marks.layers.shown === shown) return;
        this.marks.layers.shown = shown;
        this.marks.draw();
    }

    showChosen(areas) {
        for (const [code, layer] of this.layers) {
            const list = layer.getElement().classList;
            list.toggle("beside", areas.length > 0 && !areas.includes(code));
            // In front, or its neighbours' borders would cover its own.
            if (areas.includes(code) && !list.contains("chosen")) layer.bringToFront();
            list.toggle("chosen", areas.includes(code));
        }
    }

    /* Calls back when what is drawn now is on screen. A frame begins while those before it are still being
     * rastered, so one must see several through, each with a change, or it would be left out. */
    afterFrames(count, done) {
        this.pulse.style.opacity = count % 2 ? "0.5" : "1";
        if (count === 0) done();
        else requestAnimationFrame(() => this.afterFrames(count - 1, done));
    }

    /* Fits the view to its target, and keeps it so when the window changes its size. */
    fit() {
        this.held = true;
        const chosen = this.target.map((code) => this.layers.get(code)).filter(Boolean);
        this.look(this.focus || (chosen.length > 0 ? L.featureGroup(chosen).getBounds() : this.bounds));
        this.showHome();
    }

    /* Fits the view to all that a layer shows, with some land around it. */
    lookAtLayer(key) {
        const bounds = this.marks.layers.bounds(key);
        if (!bounds) return;
        this.focus = bounds.pad(LAND_AROUND);
        this.leave();
        this.fit();
    }

    lookAt(codes) {
        this.target = codes;
        this.focus = null;
        this.lookedAt = performance.now();
        this.leave();
        this.fit();
    }

    fitZoom(bounds = this.bounds) {
        // Rounded, because Leaflet's answer wavers in the last digits with the zoom at which it is asked.
        const zoom = this.map.getBoundsZoom(bounds, false, L.point(FIT_PADDING).multiplyBy(2));
        return Math.floor(zoom * 1000) / 1000;
    }

    look(bounds) {
        // A page that is not shown has no size to fit into; it is fitted when it gets one (resized).
        const size = this.map.getSize();
        if (size.x <= 2 * FIT_PADDING[0] || size.y <= 2 * FIT_PADDING[1]) return;
        const zoom = this.fitZoom(bounds);
        const corners = [bounds.getSouthWest(), bounds.getNorthEast()].map((at) => this.map.project(at, 0));
        const middle = corners[0].add(corners[1]).divideBy(2);
        this.map.setView(this.map.unproject(middle, 0), zoom, { animate: false });
    }

    letGo() {
        this.held = false;
        this.showHome();
    }

    showHome() {
        this.map.getContainer().classList.toggle("away", !this.held || this.focus !== null);
    }

    resized() {
        this.map.invalidateSize({ animate: false, pan: !this.held });
        if (this.held) this.fit();
        else this.tellView();
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

    /* A figure opens its list; a county's name or land leads into the county. */
    click(event) {
        if (performance.now() - this.lookedAt < DOUBLE_CLICK_MS) return;
        const urgent = this.marks.layers.urgentAt(event.containerPoint);
        const mark = urgent ? null : this.marks.at(event.containerPoint);
        const named = this.marks.nameAt(event.containerPoint);
        const land = this.codes.get(event.originalEvent.target);
        const beside = this.marks.layers.at(event.containerPoint);
        if (mark) this.bridge.mark_clicked(mark.id);
        else if (beside) this.bridge.layer_clicked(beside.mark.key, beside.mark.id);
        else if (named) this.openCounty(named);
        else if (land && !this.target.includes(land)) this.bridge.county_clicked(land);
    }

    /* Marks of counties are "c:" or "l:" and codes joined by "+" (widgets/map/marks.py). */
    openCounty(mark) {
        if (mark.kind === "county" || mark.kind === "label") this.bridge.county_clicked(mark.id.slice(2));
    }

    move(event) {
        const urgent = this.marks.layers.urgentAt(event.containerPoint);
        const mark = urgent ? null : this.marks.at(event.containerPoint);
        this.hoveredId = mark ? mark.id : null;
        this.marks.hover(this.hoveredId);
        const beside = mark ? null : this.marks.layers.at(event.containerPoint);
        const over = mark || beside || this.marks.nameAt(event.containerPoint);
        this.map.getContainer().classList.toggle("over-mark", Boolean(over));
        if (this.marks.layers.hover(beside && beside.mark)) this.marks.draw();
        if (beside) this.showLines(beside);
        else this.showTip(mark);
    }

    /* Goes to the next or previous mark in view, from left to right, for the keyboard. */
    step(way) {
        const size = this.map.getSize();
        const marks = this.marks.opened().filter((d) => d.x > 0 && d.y > 0 && d.x < size.x && d.y < size.y);
        if (marks.length === 0) return;
        const at = marks.findIndex((d) => d.mark.id === this.hoveredId);
        const next = at < 0 ? (way > 0 ? 0 : marks.length - 1) : (at + way + marks.length) % marks.length;
        // From now on Enter is for the mark, no longer for a button that has the focus.
        document.activeElement.blur();
        this.hoveredId = marks[next].mark.id;
        this.marks.hover(this.hoveredId);
        this.showTip(marks[next].mark);
    }

    leave() {
        this.hoveredId = null;
        this.marks.layers.hover(null);
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
        title.textContent = [mark.label, this.overlays.tickets(mark.count)].filter(Boolean).join(" · ");
        mark.states.forEach((count, index) => {
            if (count === 0) return;
            const state = this.marks.state(index);
            const line = L.DomUtil.create("div", "", this.tip);
            line.append(shapeIcon(state.shape, state.paint), `${state.word} ${figure(count)}`);
        });
        this.placeTip(place);
    }

    /* Says what a mark of a layer says: its lines, the first as the title. */
    showLines(place) {
        this.tip.textContent = "";
        place.mark.lines.forEach((line, index) => {
            L.DomUtil.create(index === 0 ? "b" : "div", "", this.tip).textContent = line;
        });
        this.placeTip(place);
    }

    placeTip(place) {
        this.tip.style.display = "block";
        const size = this.map.getSize();
        const x = place.x + place.r + 10;
        const fits = x + this.tip.offsetWidth < size.x;
        this.tip.style.left = (fits ? x : place.x - place.r - 10 - this.tip.offsetWidth) + "px";
        const y = Math.min(place.y - 14, size.y - this.tip.offsetHeight - 4);
        this.tip.style.top = Math.max(4, y) + "px";
    }

    onButton() {
        return document.activeElement.tagName === "BUTTON";
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
            this.letGo();
            this.map.panBy(pans[event.key], { animate: false });
        } else if (event.key === "+" || event.key === "=") {
            this.letGo();
            this.map.zoomIn(undefined, { animate: false });
        } else if (event.key === "-") {
            this.letGo();
            this.map.zoomOut(undefined, { animate: false });
        } else if (event.key === "Home" || (event.key === "Escape" && (!this.held || this.focus || this.target.length))) {
            this.bridge.home_pressed();
        } else if (event.key === "PageDown" || event.key === "PageUp") {
            this.step(event.key === "PageDown" ? 1 : -1);
        } else if (event.key === "Enter" && this.hoveredId && !this.onButton()) {
            this.bridge.mark_clicked(this.hoveredId);
        } else if (event.key === " " && this.hoveredId && !this.onButton()) {
            this.openCounty(this.marks.get(this.hoveredId));
        } else {
            return;
        }
        event.preventDefault();
    }
}
