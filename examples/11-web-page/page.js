/**
 * A page of one's own: the network of a run segments the pictures that it is given, in the browser.
 *
 *     npx snnseg export runs/mine --to web-network -o network.safetensors
 *     npx esbuild examples/11-web-page/page.js --bundle --format=esm --outfile=page.js   # beside index.html and the network
 */
import { labelImage, openWebNetwork } from "snnseg/web";

const [choice, status, canvas] = ["input", "output", "canvas"].map((name) => document.querySelector(name));
const network = await openWebNetwork(await (await fetch("network.safetensors")).arrayBuffer());
const { input, classes, colors, timesteps } = network.description;
const [height, width] = input.size;
Object.assign(canvas, { height, width });
const context = canvas.getContext("2d", { willReadFrequently: true });
choice.disabled = false;
status.textContent = `Ready: ${classes.join(", ")}`;

choice.addEventListener("change", async () => {
  context.drawImage(await createImageBitmap(choice.files[0]), 0, 0, width, height);
  const picture = context.getImageData(0, 0, width, height);
  const frame = new Float32Array(3 * height * width); // [3, H, W]
  for (let i = 0; i < frame.length; i++) {
    const [channel, pixel] = [Math.floor(i / (height * width)), i % (height * width)];
    const { source, subtract, divide } = input.channels[channel];
    frame[i] = (picture.data[4 * pixel + source] - subtract) / divide;
  }
  network.begin();
  for (let t = 0; t < timesteps; t++) network.step(t === 0 ? frame : undefined);
  const { data } = labelImage(network.labels(), { size: input.size, colors }); // [H, W, 3]
  for (let i = 0; i < data.length; i++) {
    const at = 4 * Math.floor(i / 3) + (i % 3);
    picture.data[at] = (picture.data[at] + data[i]) / 2;
  }
  context.putImageData(picture, 0, 0);
  status.textContent = `${network.engine}, ${timesteps} timesteps`;
});
