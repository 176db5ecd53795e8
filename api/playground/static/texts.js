// What the page says, in both languages.

const TEXTS = {
  en: {
    tagline: "Reads Indonesian identity cards (KTP)",
    documentation: "API documentation",
    language: "Language",
    key: "API key",
    useKey: "Use",
    keyHint: "The key stays in this tab, and is forgotten when the tab is closed.",
    dropTitle: "Drop a photo of a KTP here, or paste one",
    touchTitle: "A photo of a KTP",
    dropHint: "JPEG or PNG; the whole card, flat, sharp, without glare.",
    choose: "Choose a photo",
    camera: "Use the camera",
    specimen: "Try a specimen",
    shoot: "Take the photo",
    cancel: "Cancel",
    fieldsTitle: "What was read",
    field: "Field",
    value: "Value",
    confidence: "Confidence",
    findingsTitle: "Photo and format",
    copyJson: "Copy as JSON",
    copyCurl: "Copy as curl",
    remove: "Delete it from the service",
    privacy: "The photo is deleted when it has been read; the result when its retention is over, or when you delete it.",
    preparing: "Preparing the photo …",
    sending: "Sending …",
    queued: "Waiting for a worker …",
    processing: "Reading the card …",
    done: "Read in {seconds} s.",
    failed: "Not read.",
    copied: "Copied.",
    notCopied: "The browser did not allow copying.",
    removed: "Deleted from the service.",
    wrongKey: "The service knows no valid API key like this one. Check it, or make one with kartu keys create NAME.",
    needKey: "An API key is needed: make one with kartu keys create NAME.",
    notAnImage: "The browser cannot open this file as an image.",
    noCamera: "There is no camera, or it may not be used.",
    noService: "The service does not answer.",
    unread: "not printed or not readable",
    shrunk: "The photo was made smaller for sending.",
    lies: "The card stands turned by {tilt}°.",
    noCard: "No card was found; the whole image was read.",
    mirrored: "The image is mirrored.",
    allWell: "The photo is good, and the format of every field is right.",
    sure: "{percent} %",
    photoOf: "The photo, with a frame around each field",
    tryAgain: "For a better photo:",
  },
  id: {
    tagline: "Membaca Kartu Tanda Penduduk (KTP)",
    documentation: "Dokumentasi API",
    language: "Bahasa",
    key: "Kunci API",
    useKey: "Pakai",
    keyHint: "Kunci hanya disimpan di tab ini dan dihapus saat tab ditutup.",
    dropTitle: "Seret foto KTP ke sini, atau tempel",
    touchTitle: "Foto KTP",
    dropHint: "JPEG atau PNG; seluruh kartu, rata, tajam, tanpa pantulan cahaya.",
    choose: "Pilih foto",
    camera: "Pakai kamera",
    specimen: "Coba contoh",
    shoot: "Ambil foto",
    cancel: "Batal",
    fieldsTitle: "Hasil pembacaan",
    field: "Kolom",
    value: "Nilai",
    confidence: "Keyakinan",
    findingsTitle: "Foto dan format",
    copyJson: "Salin sebagai JSON",
    copyCurl: "Salin sebagai curl",
    remove: "Hapus dari layanan",
    privacy: "Foto dihapus setelah dibaca; hasilnya dihapus setelah masa simpan berakhir, atau saat Anda menghapusnya.",
    preparing: "Menyiapkan foto …",
    sending: "Mengirim …",
    queued: "Menunggu giliran …",
    processing: "Membaca kartu …",
    done: "Selesai dibaca dalam {seconds} detik.",
    failed: "Tidak terbaca.",
    copied: "Tersalin.",
    notCopied: "Peramban tidak mengizinkan penyalinan.",
    removed: "Sudah dihapus dari layanan.",
    wrongKey: "Kunci API ini tidak valid. Periksa kembali, atau buat kunci baru dengan kartu keys create NAMA.",
    needKey: "Diperlukan kunci API: buat dengan kartu keys create NAMA.",
    notAnImage: "Peramban tidak dapat membuka berkas ini sebagai gambar.",
    noCamera: "Kamera tidak ada, atau tidak boleh dipakai.",
    noService: "Layanan tidak menjawab.",
    unread: "tidak tercetak atau tidak terbaca",
    shrunk: "Foto diperkecil sebelum dikirim.",
    lies: "Kartu miring {tilt}°.",
    noCard: "Kartu tidak ditemukan; seluruh gambar dibaca.",
    mirrored: "Gambar terbalik seperti di cermin.",
    allWell: "Foto bagus, dan format setiap kolom benar.",
    sure: "{percent} %",
    photoOf: "Foto, dengan bingkai di sekeliling setiap kolom",
    tryAgain: "Agar fotonya lebih baik:",
  },
};

const FIELDS = {
  identityId: ["NIK", "NIK"],
  fullName: ["Name", "Nama"],
  birthPlace: ["Place of birth", "Tempat lahir"],
  birthDate: ["Date of birth", "Tanggal lahir"],
  gender: ["Gender", "Jenis kelamin"],
  address: ["Address", "Alamat"],
  province: ["Province", "Provinsi"],
  city: ["City or regency", "Kabupaten/kota"],
  district: ["District", "Kecamatan"],
  village: ["Village", "Kel/desa"],
  rtrw: ["RT/RW", "RT/RW"],
  religion: ["Religion", "Agama"],
  maritalStatus: ["Marital status", "Status perkawinan"],
  occupation: ["Occupation", "Pekerjaan"],
  nationality: ["Nationality", "Kewarganegaraan"],
  bloodType: ["Blood type", "Golongan darah"],
  validUntil: ["Valid until", "Berlaku hingga"],
  issuedPlace: ["Issued in", "Dikeluarkan di"],
  issuedDate: ["Issued on", "Dikeluarkan pada"],
};

// Measure → what is wrong, and what helps.
const ADVICE = {
  blur: [
    "The photo is blurred: hold still, tap on the card to focus, and wipe the lens.",
    "Foto kabur: tahan kamera, ketuk kartu untuk fokus, dan bersihkan lensa.",
  ],
  dark: ["The photo is dark: take it in daylight or switch on a light.", "Foto gelap: ambil di tempat terang."],
  bright: [
    "The photo is overexposed: leave the flash off and avoid direct sun.",
    "Foto terlalu terang: matikan lampu kilat dan hindari sinar matahari langsung.",
  ],
  glare: [
    "Light is reflected by the card: tilt it a little or move the lamp.",
    "Kartu memantulkan cahaya: miringkan sedikit atau pindahkan lampu.",
  ],
  grayscale: [
    "This is a grey copy: some checks want the card itself, in colour.",
    "Ini salinan hitam putih: sebagian pemeriksaan memerlukan kartu aslinya, berwarna.",
  ],
  resolution: [
    "The card is small in the photo: come closer, until it fills the frame.",
    "Kartu terlalu kecil di foto: dekatkan kamera sampai kartu memenuhi bingkai.",
  ],
};
// Where nothing could be read, nothing is known of what was wrong.
const FAILED_ADVICE = {
  en: [
    "Put the card on a plain surface and let it fill the frame.",
    "Hold still, and tap on the card to focus.",
    "Take it in even light, without flash or reflections.",
  ],
  id: [
    "Letakkan kartu di permukaan polos dan penuhi bingkai dengan kartu.",
    "Tahan kamera agar tidak goyang, lalu ketuk kartu untuk fokus.",
    "Ambil foto di tempat terang merata, tanpa lampu kilat atau pantulan.",
  ],
};

let language = "en";

export function preferredLanguage() {
  const kept = localStorage.getItem("kartu-language");
  return kept in TEXTS ? kept : navigator.languages.some((tag) => /^(id|in)\b/i.test(tag)) ? "id" : "en";
}

export function setLanguage(chosen) {
  language = chosen;
  localStorage.setItem("kartu-language", chosen);
  document.documentElement.lang = chosen;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
}

export const currentLanguage = () => language;
export const text = (name, values = {}) =>
  TEXTS[language][name].replace(/\{(\w+)\}/g, (_, key) => number(values[key]));
export const fieldName = (name) => FIELDS[name][language === "id" ? 1 : 0];
export const advice = (measure) => ADVICE[measure][language === "id" ? 1 : 0];
export const adviceAfterFailure = () => FAILED_ADVICE[language];
// With one decimal, as the language of the page writes it; degrees are given as text.
const number = (value) =>
  typeof value === "string"
    ? value
    : value.toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
