"""An owner who proved on paper who they are is let in once without a second proof."""
