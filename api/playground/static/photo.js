// Makes of whatever the browser can open a JPEG that the service takes, with its EXIF rotation carried out.

const MOST_BYTES = 2 * 1024 * 1024;
const LONGEST_SIDE = 2400;
const QUALITIES = [0.92, 0.8, 0.65];

const toBlob = (canvas, quality) => new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));

function draw(source, width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d").drawImage(source, 0, 0, width, height);
  return canvas;
}

// Gives { blob, url, width, height, shrunk }; a JPEG or PNG that is small enough goes as it is.
export async function preparePhoto(file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [Math.round(bitmap.width * scale), Math.round(bitmap.height * scale)];
  const asItIs = file.size <= MOST_BYTES && ["image/jpeg", "image/png"].includes(file.type);
  let blob = asItIs ? file : null;
  if (!blob) {
    const canvas = draw(bitmap, width, height);
    for (const quality of QUALITIES) {
      blob = await toBlob(canvas, quality);
      if (blob.size <= MOST_BYTES) break;
    }
  }
  const size = asItIs ? { width: bitmap.width, height: bitmap.height } : { width, height };
  bitmap.close();
  return { blob, url: URL.createObjectURL(blob), ...size, shrunk: !asItIs && scale < 1 };
}

export async function toBase64(blob) {
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = reject;
    reader.readAsDataURL(blob);
  });
  return url.slice(url.indexOf(",") + 1);
}

// A photo of the current frame of a video, as a file.
export async function shoot(video) {
  return toBlob(draw(video, video.videoWidth, video.videoHeight), QUALITIES[0]);
}
