/** A simulated event camera over pictures. */

export {
  type CameraMotion,
  type CameraPath,
  type Homography,
  smoothPath,
} from "./camera-path.js";
export { intensityOf, logIntensity, logLuma } from "./log-intensity.js";
export { MovingPicture, type StillPicture } from "./moving-picture.js";
export { type SensorModel, type SensorModelName, sensorModels } from "./sensor-model.js";
export { type SimulationOptions, simulateEvents } from "./simulate-events.js";
export { SimulatedSensor, type SimulatedSensorOptions } from "./simulated-sensor.js";
