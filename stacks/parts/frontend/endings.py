"""Endings that make the last part of a path a file's name, whether the file is published or not.

What a site publishes in addition is added when it is published (``stacks.publishing.survey``). Endings that names of
people, hosts and versions have as well are left out: ``/user/jane.doe``, ``/sites/example.com``, ``/docs/v1.2`` are
routes. From the registered media types (https://www.iana.org/assignments/media-types), and what the web uses.
"""

from __future__ import annotations

_LISTED = """
3gp 7z aac apk atom avi avif bin bmp br bz2 csv css cur dae dmg doc docx dwg eot epub exe fbx flac fnt ftl gif geojson
glb gltf gml gpx gz hdr heic heif htm html ico ics ipynb jar jpe jpeg jpg js json json5 jsonl jsonld jxl kml kmz ktx
ktx2 las less lottie m3u m3u8 m4a m4s m4v map markdown mbtiles md mdx mid mjs mkv mov mp3 mp4 mpd mpeg mpg msi mtl
ndjson npy npz obj ods odt oga ogg ogv onnx opus otf parquet pbf pdf pkg ply pmtiles png pot ppt pptx psd rar riv rss
rtf scss splat sqlite sqlite3 srt stl svg svgz swf tar tflite tgz tif tiff toml topojson tsv ttf ttl txt usd usdz vcf
vrm vtt wasm wav webm webmanifest webp woff woff2 xhtml xls xlsx xml xsl xspf yaml yml zip zst
"""
ENDINGS = frozenset(_LISTED.split())
"""In lower case, without the dot."""
