/* Draws the marks on one canvas over the map, and finds the mark under a point.
 *
 * Rows come from Python (widgets/map/marks.py, Mark.as_row):
 *   [id, kind, lng, lat, count, [tickets by state], label]
 * Lengths are page pixels of the 1920x1080 design; the page's zoom factor scales them with the window.
 */
"use strict";

const RING = 5.5;
const SMALLEST = 20;
const GROWTH = 4;
const LARGEST = 38;
const USUAL = 36;
const NAME_GAP = 11;
const LABEL_STEPS = [0, 12, -12, 24, -24, 36, -36, 48, -48, 60, -60, 72, -72];
const TICKET = 7;
const ALERT = 15;
const HEAP = 21;
const REGULAR = 400;
const STRONG = 600;
const WEIGHTS = [REGULAR, STRONG];
const ORDER = ["label", "county", "cluster", "ticket", "alert"];

/* Fills one of the shapes that, with colour and word, tell a state: r is half its width. */
function drawShape(context, shape, x, y, r) {
    context.beginPath();
    if (shape === "circle") {
        context.arc(x, y, r, 0, 2 * Math.PI);
    } else if (shape === "triangle") {
        context.moveTo(x, y - r * 0.92);
        context.lineTo(x + r, y + r * 0.82);
        context.lineTo(x - r, y + r * 0.82);
    } else if (shape === "diamond") {
        context.moveTo(x, y - r);
        context.lineTo(x + r, y);
        context.lineTo(x, y + r);
        context.lineTo(x - r, y);
    } else if (shape === "cross") {
        const arm = r * 0.95;
        const waist = r * 0.32;
        const corners = [[-arm + waist, -arm], [0, -waist], [arm - waist, -arm], [arm, -arm + waist], [waist, 0],
            [arm, arm - waist], [arm - waist, arm], [0, waist], [-arm + waist, arm], [-arm, arm - waist], [-waist, 0],
            [-arm, -arm + waist]];
        corners.forEach(([dx, dy]) => context.lineTo(x + dx, y + dy));
    } else if (shape === "pause") {
        context.rect(x - r * 0.75, y - r, r * 0.55, 2 * r);
        context.rect(x + r * 0.2, y - r, r * 0.55, 2 * r);
    } else {
        context.rect(x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76);
    }
    context.fill();
}

/* Whether a drawn mark is a ring with a figure in it. */
function isDonut(d) {
    return d.r > 0 && (d.mark.kind === "county" || d.mark.kind === "cluster");
}

/* Returns a count with all its digits, as widgets/wording.py writes it: "9999", then "12 345". */
function figure(count) {
    return count < 10000 ? String(count) : String(count).replace(/\B(?=(\d{3})+$)/g, "\u2009");
}

/* Returns a canvas with one state's shape, for the legend and the tip. */
function shapeIcon(shape, colour) {
    const icon = document.createElement("canvas");
    const ratio = window.devicePixelRatio || 1;
    icon.width = icon.height = Math.ceil(14 * ratio);
    const context = icon.getContext("2d");
    context.scale(ratio, ratio);
    context.fillStyle = colour;
    drawShape(context, shape, 7, 7, 6.5);
    return icon;
}

/* Moves `a` away from `b` until they are `wanted` apart; `share` of the way is `b`'s to go. */
function part(a, b, wanted, share) {
    const dx = a.x - b.x;
    const dy = a.y - b.y;
    const distance = Math.hypot(dx, dy);
    if (distance >= wanted) return;
    const angle = distance > 0.5 ? Math.atan2(dy, dx) : -Math.PI / 4;
    const way = wanted - distance;
    a.x += Math.cos(angle) * way * (1 - share);
    a.y += Math.sin(angle) * way * (1 - share);
    b.x -= Math.cos(angle) * way * share;
    b.y -= Math.sin(angle) * way * share;
}

/* Moves a mark up or down out of a box. */
function leave(mark, taken) {
    if (!overlap(box(mark.x, mark.y, 2 * mark.r, 2 * mark.r), taken)) return;
    const below = mark.y >= (taken.top + taken.bottom) / 2;
    mark.y = below ? taken.bottom + mark.r : taken.top - mark.r;
}

function box(x, y, width, height) {
    return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

function overlap(a, b) {
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

const Marks = L.Layer.extend({
    initialize: function (states) {
        const style = getComputedStyle(document.documentElement);
        const known = new Map();
        this._colour = (name) => {
            if (!known.has(name)) known.set(name, style.getPropertyValue(name).trim());
            return known.get(name);
        };
        this._states = states.map((s) => ({ ...s, paint: this._colour(s.colour) }));
        this._family = this._colour("--family");
        this._text = this._colour("--font-small");
        this._rows = new Map();
        this._drawn = [];
        this._hovered = null;
        this.heat = null;
        this.layers = null;
    },

    onAdd: function (map) {
        this.heat = new HeatLayer(map, this._colour);
        this.layers = new LayerMarks(map, this._colour);
        this._canvas = L.DomUtil.create("canvas", "marks", map.getContainer());
        this._context = this._canvas.getContext("2d");
        this._keepFonts(map.getContainer());
        // The canvas lies still over the map and is drawn anew for every move: a few hundred marks at most.
        map.on("move zoom viewreset resize", this.draw, this);
        this.draw();
    },

    onRemove: function (map) {
        map.off("move zoom viewreset resize", this.draw, this);
        this._canvas.remove();
        this._kept.remove();
    },

    /* Text that nobody sees, in each font of the canvas. Chromium forgets a local() face that no element of the
     * page uses whenever it collects garbage; the next text of the canvas loads it anew, and glyphs of the old
     * one stay in a cache: 80 kB each, 28 MB an hour. (Chromium 130; benchmarks/memory shows whether it still
     * does so.) */
    _keepFonts: function (container) {
        this._kept = L.DomUtil.create("div", "kept-fonts", container);
        this._kept.ariaHidden = "true";
        for (const weight of WEIGHTS) {
            const text = L.DomUtil.create("span", "", this._kept);
            text.style.font = this._font(weight);
            text.textContent = "环0";
        }
    },

    _font: function (weight) {
        return `${weight} ${this._text} ${this._family}`;
    },

    state: function (index) {
        return this._states[index];
    },

    /* Applies one difference; `all` begins anew; `heat` is another picture for the layer, undefined for none. */
    put: function (all, changed, removed, heat) {
        if (heat !== undefined) this.heat.put(heat);
        if (all) this._rows.clear();
        for (const id of removed) this._rows.delete(id);
        for (const row of changed) {
            const [id, kind, lng, lat, count, states, label] = row;
            this._rows.set(id, { id, kind, at: L.latLng(lat, lng), count, states, label });
        }
        this.draw();
    },

    hover: function (id) {
        if (id === this._hovered) return;
        this._hovered = id;
        this.draw();
    },

    get: function (id) {
        return this._rows.get(id);
    },

    /* Returns how many pixels of the screen are drawn. */
    pixels: function () {
        return this._canvas.width * this._canvas.height;
    },

    /* Returns the drawn marks that can be opened, {mark, x, y, r}, from left to right. */
    opened: function () {
        return this._drawn.filter((d) => d.r > 0).sort((a, b) => a.x - b.x || a.y - b.y);
    },

    /* Returns where a mark was drawn, {mark, x, y, r}, or undefined. */
    place: function (id) {
        return this._drawn.find((d) => d.mark.id === id);
    },

    /* Returns the topmost mark that can be opened at a point of the container, or null. */
    at: function (point) {
        for (let i = this._drawn.length - 1; i >= 0; i--) {
            const d = this._drawn[i];
            if (d.r > 0 && d.mark.count > 0 && Math.hypot(point.x - d.x, point.y - d.y) <= d.r + 2) return d.mark;
        }
        return null;
    },

    /* Returns the county or label whose name stands at a point of the container, or null. */
    nameAt: function (point) {
        const hit = this._drawn.find((d) => d.name && point.x >= d.name.left && point.x <= d.name.right &&
            point.y >= d.name.top && point.y <= d.name.bottom);
        return hit ? hit.mark : null;
    },

    draw: function () {
        const size = this._map.getSize();
        const ratio = window.devicePixelRatio || 1;
        const width = Math.ceil(size.x * ratio);
        const height = Math.ceil(size.y * ratio);
        if (this._canvas.width !== width || this._canvas.height !== height) {
            this._canvas.width = width;
            this._canvas.height = height;
            this._canvas.style.width = size.x + "px";
            this._canvas.style.height = size.y + "px";
        }
        const c = this._context;
        c.setTransform(ratio, 0, 0, ratio, 0, 0);
        c.clearRect(0, 0, size.x, size.y);
        this.heat.draw(c);
        this.layers.draw(c);
        this._drawn = this._layOut();
        for (const d of this._drawn) this._drawOne(c, d);
        this.layers.drawUrgent(c, this._drawn.filter(isDonut));
        // Names last: whatever stands there, one can read them.
        for (const d of this._drawn) {
            if (d.mark.kind === "county") this._write(c, d.mark.label, d.nameX, d.nameY, "--text-muted", REGULAR);
        }
    },

    _layOut: function () {
        const drawn = [];
        // A ticket that is ringed alone is its ring: two marks would look like two tickets.
        const ringed = new Set();
        for (const mark of this._rows.values()) {
            if (mark.kind === "alert" && mark.count === 1) ringed.add(mark.label);
        }
        for (const mark of this._rows.values()) {
            if (mark.kind === "ticket" && ringed.has(mark.label)) continue;
            const at = this._map.latLngToContainerPoint(mark.at);
            drawn.push({ mark, x: at.x, y: at.y, r: this._radius(mark) });
        }
        const rank = (d) => ORDER.indexOf(d.mark.kind);
        // Large under small, so that no donut hides another; ids make the order the same every time.
        drawn.sort((a, b) => rank(a) - rank(b) || b.r - a.r || (a.mark.id < b.mark.id ? -1 : 1));
        const donuts = drawn.filter(isDonut);
        const names = this._placeNames(drawn.filter((d) => d.mark.kind === "county"));
        const labels = this._placeLabels(drawn.filter((d) => d.mark.kind === "label"), donuts);
        this._makeRoom(drawn.filter((d) => d.mark.kind === "alert"), donuts, [...names, ...labels]);
        return drawn;
    },

    /* A county's name stands below its donut, or beside it where another donut or name is in the way. All
     * donuts count as equally large here, so that a change of a count never moves a name to another side.
     * Returns the boxes of the names. */
    _placeNames: function (counties) {
        this._context.font = this._font(REGULAR);
        const taken = counties.map((d) => box(d.x, d.y, 2 * USUAL, 2 * USUAL));
        const names = [];
        counties.forEach((d, index) => {
            const wide = this._context.measureText(d.mark.label).width;
            const r = d.r || 0;
            const places = [
                { dx: 0, dy: 1 },
                { dx: -1, dy: 0 },
                { dx: 1, dy: 0 },
                { dx: 0, dy: -1 },
            ];
            const free = places.find((p) => {
                const at = box(d.x + p.dx * (USUAL + NAME_GAP + wide / 2), d.y + p.dy * (USUAL + 12), wide, 20);
                return !taken.some((other, i) => i !== index && overlap(at, other));
            });
            const place = d.mark.count > 0 ? free || places[0] : { dx: 0, dy: 0 };
            d.nameX = d.x + place.dx * (r + NAME_GAP + wide / 2);
            d.nameY = d.y + place.dy * (r + 12);
            d.name = box(d.nameX, d.nameY, wide, 20);
            names.push(d.name);
            taken.push(names[index]);
        });
        return names;
    },

    /* Among clusters a county's name stands at its point, or a little off where a donut would cover it.
     * Returns the boxes of the names. */
    _placeLabels: function (labels, donuts) {
        const taken = donuts.map((d) => box(d.x, d.y, 2 * d.r, 2 * d.r));
        this._context.font = this._font(REGULAR);
        for (const d of labels) {
            d.text = d.mark.count > 0 ? `${d.mark.label} ${figure(d.mark.count)}` : d.mark.label;
            const wide = this._context.measureText(d.text).width;
            const free = LABEL_STEPS.find((dy) => !taken.some((b) => overlap(box(d.x, d.y + dy, wide, 20), b)));
            d.y += free || 0;
            d.name = box(d.x, d.y, wide, 20);
        }
        return labels.map((d) => d.name);
    },

    /* An alert over a donut's figure would hide it: it moves to the donut's rim, towards where it is. Then
     * alerts part from each other and leave the names free. */
    _makeRoom: function (alerts, donuts, names) {
        for (let round = 0; round < 6; round++) {
            alerts.forEach((alert, index) => {
                for (const other of alerts.slice(0, index)) part(alert, other, alert.r + other.r, 0.5);
                for (const donut of donuts) part(alert, donut, donut.r + alert.r - 4, 0);
                for (const name of names) leave(alert, name);
            });
        }
    },

    _radius: function (mark) {
        if (mark.kind === "label" || mark.count === 0) return 0;
        if (mark.kind === "ticket") return TICKET;
        if (mark.kind === "alert") return mark.count > 1 ? HEAP : ALERT;
        // By the logarithm: a city of 400 tickets and one of 100,000 both show which county has more.
        return Math.min(LARGEST, SMALLEST + GROWTH * Math.log10(mark.count));
    },

    _drawOne: function (c, d) {
        const mark = d.mark;
        if (mark.kind === "label") {
            this._write(c, d.text, d.x, d.y, mark.count > 0 ? "--text-title" : "--text-faint", REGULAR);
        }
        else if (mark.kind === "ticket") this._drawTicket(c, d, TICKET);
        else if (mark.kind === "alert") this._drawAlert(c, d);
        else this._drawDonut(c, d);
    },

    _drawDonut: function (c, d) {
        const mark = d.mark;
        if (d.r > 0) {
            const middle = d.r - RING / 2;
            c.beginPath();
            c.arc(d.x, d.y, d.r, 0, 2 * Math.PI);
            c.fillStyle = this._colour(mark.id === this._hovered ? "--selection" : "--background");
            c.fill();
            c.lineWidth = RING;
            c.strokeStyle = this._colour("--track");
            c.beginPath();
            c.arc(d.x, d.y, middle, 0, 2 * Math.PI);
            c.stroke();
            this._drawShares(c, d, middle);
            this._write(c, figure(mark.count), d.x, d.y, "--text-strong", STRONG);
        }
    },

    _drawShares: function (c, d, radius) {
        const total = d.mark.states.reduce((sum, n) => sum + n, 0);
        if (total === 0) return;
        // A single overdue ticket among a thousand must still be seen: no share is less than this arc.
        const least = 0.14;
        const raw = d.mark.states.map((n) => (n > 0 ? Math.max(least, (n / total) * 2 * Math.PI) : 0));
        const sum = raw.reduce((a, b) => a + b, 0);
        let from = -Math.PI / 2;
        raw.forEach((arc, index) => {
            if (arc === 0) return;
            const to = from + (arc / sum) * 2 * Math.PI;
            c.beginPath();
            c.arc(d.x, d.y, radius, from, to);
            c.strokeStyle = this._states[index].paint;
            c.stroke();
            from = to;
        });
    },

    _drawTicket: function (c, d, r) {
        const state = this._states[d.mark.states.findIndex((n) => n > 0)];
        c.fillStyle = this._colour("--background");
        c.beginPath();
        c.arc(d.x, d.y, r + 3, 0, 2 * Math.PI);
        c.fill();
        c.fillStyle = state.paint;
        drawShape(c, state.shape, d.x, d.y, r);
    },

    /* The ring says "by itself urgent"; shape and colour say the worst state under it. */
    _drawAlert: function (c, d) {
        const state = this._states[d.mark.states.findIndex((n) => n > 0)];
        c.beginPath();
        c.arc(d.x, d.y, d.r, 0, 2 * Math.PI);
        // On its own ground: over the heat of late tickets red would be lost on red.
        c.globalAlpha = 0.75;
        c.fillStyle = this._colour("--background");
        c.fill();
        c.globalAlpha = d.mark.id === this._hovered ? 0.5 : 0.22;
        c.fillStyle = state.paint;
        c.fill();
        c.globalAlpha = 1;
        c.lineWidth = 2;
        c.strokeStyle = state.paint;
        c.stroke();
        c.fillStyle = state.paint;
        if (d.mark.count > 1) {
            drawShape(c, state.shape, d.x, d.y - 10, 6);
            this._write(c, figure(d.mark.count), d.x, d.y + 6, "--text-strong", STRONG);
        } else {
            drawShape(c, state.shape, d.x, d.y, 8);
        }
    },

    _write: function (c, text, x, y, colour, weight) {
        c.font = this._font(weight);
        c.textAlign = "center";
        c.textBaseline = "middle";
        c.lineJoin = "round";
        c.lineWidth = 3;
        c.strokeStyle = this._colour("--background");
        c.strokeText(text, x, y + 1);
        c.fillStyle = this._colour(colour);
        c.fillText(text, x, y + 1);
    },
});
