/* Layers beside the tickets: stations, and what radar, van, drone and satellite found (widgets/map/layers.py).
 *
 * A message replaces one layer: {key, word, marks: [[id, lng, lat, colour, shape, size, [lines], urgent]],
 *   tracks: [[id, [[lng, lat], …], [colour of each leg], [lines]]], legend: [[colour, shape, words], …]}
 * They are drawn on the marks' canvas, over the heat and under the tickets, on the large map only; what is
 * urgent over the tickets, because a count must not hide it.
 */
"use strict";

const TRACK_WIDTH = 4;
const TRACK_REACH = 6;
const BESIDE = 5;

class LayerMarks {
    constructor(map, colour) {
        this.map = map;
        this.colour = colour;
        this.shown = false;
        this.hovered = null;
        this.byKey = new Map();
        this.drawn = [];
        this.legs = [];
    }

    /* Takes a message; a layer without anything goes. */
    put(message) {
        const { key } = message;
        const marks = message.marks.map(([id, lng, lat, colour, shape, size, lines, urgent]) => (
            { key, id, at: L.latLng(lat, lng), colour, shape, size, lines, urgent }));
        const tracks = message.tracks.map(([id, places, colours, lines]) => (
            { key, id, places: places.map(([lng, lat]) => L.latLng(lat, lng)), colours, lines }));
        if (marks.length + tracks.length === 0) this.byKey.delete(key);
        else this.byKey.set(key, { marks, tracks });
    }

    draw(context) {
        this.drawn = [];
        this.legs = [];
        if (!this.shown) return;
        const layers = [...this.byKey.keys()].sort().map((key) => this.byKey.get(key));
        for (const { tracks } of layers) for (const track of tracks) this.drawTrack(context, track);
        for (const { marks } of layers) for (const mark of marks) if (!mark.urgent) this.drawMark(context, mark);
    }

    /* Draws what is urgent; one over a donut's figure moves to its rim, towards where it is. */
    drawUrgent(context, donuts) {
        if (!this.shown) return;
        const layers = [...this.byKey.keys()].sort().map((key) => this.byKey.get(key));
        for (const { marks } of layers) {
            for (const mark of marks.filter((one) => one.urgent)) {
                const at = this.map.latLngToContainerPoint(mark.at);
                for (const donut of donuts) part(at, donut, donut.r + BESIDE, 0);
                this.drawMark(context, mark, at);
            }
        }
    }

    /* Returns the edges of all that a layer shows, null for a layer without anything. */
    bounds(key) {
        const layer = this.byKey.get(key);
        if (!layer) return null;
        const places = layer.marks.map((mark) => mark.at);
        for (const track of layer.tracks) places.push(...track.places);
        return L.latLngBounds(places);
    }

    drawTrack(c, track) {
        const points = track.places.map((at) => this.map.latLngToContainerPoint(at));
        c.lineCap = "round";
        c.lineWidth = this.isHovered(track) ? TRACK_WIDTH + 2 : TRACK_WIDTH;
        for (let i = 1; i < points.length; i++) {
            c.strokeStyle = this.colour(track.colours[i - 1]);
            c.beginPath();
            c.moveTo(points[i - 1].x, points[i - 1].y);
            c.lineTo(points[i].x, points[i].y);
            c.stroke();
            this.legs.push({ mark: track, from: points[i - 1], to: points[i] });
        }
    }

    drawMark(c, mark, at = this.map.latLngToContainerPoint(mark.at)) {
        const r = mark.size;
        c.fillStyle = this.colour(this.isHovered(mark) ? "--selection" : "--background");
        c.beginPath();
        c.arc(at.x, at.y, r + 3, 0, 2 * Math.PI);
        c.fill();
        c.lineWidth = 1.5;
        c.strokeStyle = this.colour(mark.colour);
        c.stroke();
        c.fillStyle = this.colour(mark.colour);
        drawShape(c, mark.shape, at.x, at.y, r);
        this.drawn.push({ mark, x: at.x, y: at.y, r: r + 3 });
    }

    isHovered(mark) {
        return this.hovered !== null && this.hovered.key === mark.key && this.hovered.id === mark.id;
    }

    /* Returns what lies over the tickets under a point of the container, {mark, x, y, r}, or null. */
    urgentAt(point) {
        return this.drawn.findLast((d) => d.mark.urgent && this.isNear(d, point)) || null;
    }

    isNear(d, point) {
        return Math.hypot(point.x - d.x, point.y - d.y) <= d.r + 2;
    }

    /* Returns what lies under a point of the container, {mark, x, y, r}, the topmost first, or null. */
    at(point) {
        const found = this.drawn.findLast((d) => this.isNear(d, point));
        if (found) return found;
        const leg = this.legs.find((l) => L.LineUtil.pointToSegmentDistance(point, l.from, l.to) <= TRACK_REACH);
        return leg ? { mark: leg.mark, x: point.x, y: point.y, r: 4 } : null;
    }

    /* Notes what the mouse is over; returns whether that changed. */
    hover(mark) {
        const changed = (mark && mark.key + mark.id) !== (this.hovered && this.hovered.key + this.hovered.id);
        this.hovered = mark;
        return changed;
    }
}
