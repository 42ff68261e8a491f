"""Says what a run would make of its data, without TensorFlow, TFX and Beam."""
