/**
 * Reading Kubernetes objects and watching them for changes. The only code that opens manifests or asks an API server.
 *
 * <p>{@link io.podlb.control.source.ManifestReader} reads once, {@link io.podlb.control.source.ManifestSource} watches;
 * both give a {@link io.podlb.control.source.Loaded}. Below them, in the order a file passes: {@code ManifestFolder} and
 * {@code WatchedFile} decide what is read and when, {@code ManifestText} reads bytes, {@code Chunk} cuts documents,
 * {@code YamlTree} and {@code JsonTree} make plain trees within bounds, {@code ObjectTree} compares them with the model
 * classes, {@code Gathered} puts the files together.
 *
 * <p>From a cluster: {@link io.podlb.control.source.ApiServer} is how to talk to it, {@link
 * io.podlb.control.source.InformerSource} keeps an {@code Inventory} the same as it. Below them {@code KindInformer} watches
 * one kind, {@code InventoryStore} and {@code Trim} are what is kept of it, {@code WatchStreams} knows which watches live,
 * {@code WatchOrder} what comes too late in them.
 *
 * <p>May use {@code cluster}. Manifests are confined to the thread that reads; everything about an API server may be used
 * by any.
 */
@NullMarked
package io.podlb.control.source;

import org.jspecify.annotations.NullMarked;
