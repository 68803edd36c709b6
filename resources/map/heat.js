/* The heat layer: a small picture of density from Python (widgets/map/heat.py), drawn under the marks.
 *
 * One canvas of the picture's size is kept and filled anew; the browser smooths it as it is drawn larger.
 */
"use strict";

class HeatLayer {
    constructor(map, colour) {
        this.map = map;
        this.picture = document.createElement("canvas");
        this.bounds = null;
        this.ramps = {
            open: this.ramp([["--heat-low", 0], ["--heat-middle", 0.62], ["--heat-high", 0.9]], colour),
            overdue: this.ramp([["--overdue", 0], ["--overdue", 0.6], ["--overdue-text", 0.9]], colour),
        };
    }

    /* Returns 256 colours with alpha, from a few of them. */
    ramp(stops, colour) {
        const strip = document.createElement("canvas");
        strip.width = 256;
        strip.height = 1;
        const context = strip.getContext("2d", { willReadFrequently: true });
        const gradient = context.createLinearGradient(0, 0, 256, 0);
        stops.forEach(([name, alpha], index) => {
            const faded = colour(name) + Math.round(alpha * 255).toString(16).padStart(2, "0");
            gradient.addColorStop(index / (stops.length - 1), faded);
        });
        context.fillStyle = gradient;
        context.fillRect(0, 0, 256, 1);
        return context.getImageData(0, 0, 256, 1).data;
    }

    /* Takes a message's picture; null for none. */
    put(message) {
        if (!message) {
            this.bounds = null;
            return;
        }
        const levels = Uint8Array.from(atob(message.levels), (c) => c.charCodeAt(0));
        const ramp = this.ramps[message.kind];
        if (this.picture.width !== message.wide) this.picture.width = message.wide;
        if (this.picture.height !== message.high) this.picture.height = message.high;
        const context = this.picture.getContext("2d");
        const image = context.createImageData(message.wide, message.high);
        for (let i = 0; i < levels.length; i++) {
            for (let part = 0; part < 4; part++) image.data[4 * i + part] = ramp[4 * levels[i] + part];
        }
        context.putImageData(image, 0, 0);
        const [west, south, east, north] = message.edges;
        this.bounds = L.latLngBounds([south, west], [north, east]);
    }

    draw(context) {
        if (!this.bounds) return;
        const from = this.map.latLngToContainerPoint(this.bounds.getNorthWest());
        const to = this.map.latLngToContainerPoint(this.bounds.getSouthEast());
        context.imageSmoothingEnabled = true;
        context.imageSmoothingQuality = "high";
        context.drawImage(this.picture, from.x, from.y, to.x - from.x, to.y - from.y);
    }
}
