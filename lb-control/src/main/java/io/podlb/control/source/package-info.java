/**
 * Reading Kubernetes objects and watching them for changes. The only code that opens manifests.
 *
 * <p>{@link io.podlb.control.source.ManifestReader} reads once, {@link io.podlb.control.source.ManifestSource} watches;
 * both give a {@link io.podlb.control.source.Loaded}. Below them, in the order a file passes: {@code ManifestFolder} and
 * {@code WatchedFile} decide what is read and when, {@code ManifestText} reads bytes, {@code Chunk} cuts documents,
 * {@code YamlTree} and {@code JsonTree} make plain trees within bounds, {@code ObjectTree} compares them with the model
 * classes, {@code Gathered} puts the files together.
 *
 * <p>May use {@code cluster}. Everything is confined to the thread that reads.
 */
@NullMarked
package io.podlb.control.source;

import org.jspecify.annotations.NullMarked;
